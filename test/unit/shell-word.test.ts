import { expect } from 'chai';
import fc from 'fast-check';
import { execFileSync } from 'node:child_process';
import { shellWord } from '../../src/lib/shell-word.js';

describe('a word for a shell', () => {
  it('is read by bash as the text that it stands for', () => {
    const texts = fc.sample(fc.string({ unit: 'grapheme' }), { numRuns: 300, seed: 1 });
    const words = ['', "it's", '$HOME', '`id`', '~', '*', 'a b', '-n', ...texts].filter(
      (text) => !text.includes('\0'),
    );
    const script = `printf '%s\\0' ${words.map(shellWord).join(' ')}`;
    const read = execFileSync('bash', ['-c', script], { encoding: 'utf8' });
    expect(read.split('\0').slice(0, -1)).to.deep.equal(words);
  });

  it('stays as it is where no shell would touch it', () => {
    expect(shellWord('/data/run-1/train.yaml')).to.equal('/data/run-1/train.yaml');
  });
});
