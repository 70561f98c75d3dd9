import { expect } from 'chai';
import { paragraph } from '../../../../src/lib/cli/terminal/paragraph.js';

describe('sentences on a terminal', () => {
  it('are wrapped between words, each line indented', () => {
    expect(paragraph('one two three four five', '  ', 22)).to.equal('  one two three four\n  five\n');
  });

  it('keep a word that is too long, and every word there is', () => {
    const words = ['a'.repeat(50), 'b', 'c'.repeat(30), 'd'];
    const lines = paragraph(words.join(' '), '', 25).trimEnd().split('\n');
    expect(lines).to.deep.equal(words);
  });

  it('keep the command that they end with in one piece', () => {
    const command = 'air logs 5501671404549720 --profile dev';
    expect(paragraph(`To follow the run, type: ${command}`, '', 30)).to.equal(
      `To follow the run, type:\n${command}\n`,
    );
    expect(paragraph('The reason: one line is too long', '', 22)).to.equal(
      'The reason: one line\nis too long\n',
    );
  });

  it('stay as they are without a terminal', () => {
    const text = 'word '.repeat(100).trim();
    expect(paragraph(text, '  ', undefined)).to.equal(`  ${text}\n`);
  });

  it('leave lines that are to be pasted alone', () => {
    const block = `  command: |\n    python train.py ${'--flag '.repeat(20).trim()}`;
    expect(paragraph(`Write it so:\n${block}`, '', 30)).to.equal(`Write it so:\n${block}\n`);
  });
});
