import { expect } from 'chai';
import fc from 'fast-check';
import { dump, loadAll } from 'js-yaml';
import { withLiteralBlocks } from '../../../src/lib/runs/literal-blocks.js';

describe('strings of several lines as literal blocks', () => {
  it('rewrites quoted ones, with order and comments kept', () => {
    expect(
      withLiteralBlocks('# mine\ncommand: "set -e\\npython train.py --epochs 3\\n" # do it\nz: 1\na: 2\n'),
    ).to.equal('# mine\ncommand: | # do it\n  set -e\n  python train.py --epochs 3\nz: 1\na: 2\n');
  });

  it('keeps what follows the last line', () => {
    expect(withLiteralBlocks('a: "x\\ny"\n')).to.equal('a: |-\n  x\n  y\n');
    expect(withLiteralBlocks('a: "x\\ny\\n\\n"\nb: 1\n')).to.equal('a: |+\n  x\n  y\n\nb: 1\n');
  });

  it('rewrites folded and plain ones, in lists and below anchors and tags', () => {
    expect(withLiteralBlocks('a:\n  - >\n    one\n\n    two\n  - k: &n "x\\ny"\n')).to.equal(
      'a:\n  - |\n    one\n    two\n  - k: &n |-\n      x\n      y\n',
    );
    expect(withLiteralBlocks('a: plain\n\n  text\n')).to.equal('a: |-\n  plain\n  text\n');
  });

  it('leaves everything else alone', () => {
    const untouched = [
      'a: 1\nb: one line\n',
      'a: "ends in a space \\nx"\n',
      'a: {b: "x\\ny", c: ["x\\ny"]}\n',
      'a: |\n  x\n  y\n',
      '"k\\ny": 1\n',
      '"x\\ny"\n',
      'a: "bell \\a\\nx"\n',
      'a: "\\n"\n',
      'a: [1,\n',
      'a: *nobody\n',
      '',
    ];
    for (const text of untouched) expect(withLiteralBlocks(text)).to.equal(text);
  });

  it('never changes what the text means', () => {
    const line = fc.string({
      unit: fc.constantFrom('a', ' ', '#', ':', '-', '\n', '\t', '"', "'", 'é', '>'),
    });
    const value = fc.dictionary(
      fc.stringMatching(/^[a-z]{1,4}$/),
      fc.oneof(
        line,
        fc.array(line, { maxLength: 3 }),
        fc.dictionary(fc.stringMatching(/^[a-z]{1,3}$/), line),
      ),
      { maxKeys: 4 },
    );
    fc.assert(
      fc.property(value, (data) => {
        const text = dump(data);
        expect(loadAll(withLiteralBlocks(text))).to.deep.equal(loadAll(text));
      }),
    );
    fc.assert(
      fc.property(value, (data) => {
        const quoted = Object.entries(data)
          .map(([key, each]) => `${key}: ${JSON.stringify(each)}\n`)
          .join('');
        expect(loadAll(withLiteralBlocks(quoted))).to.deep.equal(loadAll(quoted));
      }),
    );
  });
});
