import { expect } from 'chai';
import fc from 'fast-check';
import { box, contentLimit } from '../../../../src/lib/cli/terminal/box.js';
import { plainStyle, styleOf } from '../../../../src/lib/cli/terminal/style.js';
import { table, type Column } from '../../../../src/lib/cli/terminal/table.js';
import { printable } from '../../../../src/lib/cli/terminal/printable.js';
import { displayWidth, pad, truncate, wrap } from '../../../../src/lib/cli/terminal/width.js';

const richStyle = styleOf({ write: () => undefined, isTTY: true, columns: 80 }, {});
const wideText = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '日', '😀', 'é', '́', '-') });

describe('width of text', () => {
  it('counts wide characters twice, and escapes and links not at all', () => {
    expect(displayWidth('日本')).to.equal(4);
    expect(displayWidth(richStyle.link(richStyle.paint('ab', 'red'), 'https://x'))).to.equal(2);
    expect(pad('日', 4)).to.equal('日  ');
    expect(pad('7', 3, 'right')).to.equal('  7');
  });

  it('cuts at whole characters, with an ellipsis', () => {
    expect(truncate('resnet', 6)).to.equal('resnet');
    expect(truncate('resnet', 5)).to.equal('resn…');
    expect(truncate('日本語', 4)).to.equal('日…');
    fc.assert(
      fc.property(wideText, fc.integer({ min: 0, max: 12 }), (text, width) => {
        expect(displayWidth(truncate(text, width))).to.be.at.most(width);
      }),
    );
  });

  it('wraps within the width and loses nothing', () => {
    fc.assert(
      fc.property(wideText, fc.integer({ min: 2, max: 12 }), (text, width) => {
        const lines = wrap(text, width);
        for (const line of lines) expect(displayWidth(line)).to.be.at.most(width);
        expect(lines.join('').replaceAll(' ', '')).to.equal(text.normalize().replaceAll(' ', ''));
      }),
    );
  });

  it('shows control characters instead of obeying them', () => {
    const text = printable('a\u001B[2Jb\u009Bc\td\ne\r');
    expect(text).to.equal('a␛[2Jb\uFFFDc    d\ne␍');
  });
});

describe('tables', () => {
  const columns: Column[] = [
    { title: 'ID' },
    { title: 'Name', most: 10, least: 4, yields: 1 },
    { title: 'Count', align: 'right', yields: 2 },
  ];
  const row = (...cells: string[]) => cells.map((text) => ({ text }));

  it('align by display width and end lines without spaces', () => {
    expect(table(columns, [row('1', '日本', '7'), row('22', 'ab', '100')], plainStyle)).to.deep.equal([
      'ID  Name  Count',
      '1   日本      7',
      '22  ab      100',
    ]);
  });

  it('cut what yields before they leave it out, and never an id', () => {
    const rows = [row('9223372036854775807', 'a-long-name', '7')];
    expect(table(columns, rows, plainStyle, 34)[1]).to.equal('9223372036854775807  a-lon…      7');
    expect(table(columns, rows, plainStyle, 25)).to.deep.equal([
      'ID                   Name',
      '9223372036854775807  a-l…',
    ]);
    expect(table(columns, rows, plainStyle, 20)).to.deep.equal(['ID', '9223372036854775807']);
  });

  it('fit any width that holds their first column', () => {
    const cells = fc.tuple(fc.stringMatching(/^\d{1,19}$/), wideText, wideText).map((texts) => row(...texts));
    fc.assert(
      fc.property(fc.array(cells, { maxLength: 5 }), fc.integer({ min: 20, max: 60 }), (rows, width) => {
        for (const line of table(columns, rows, richStyle, width)) {
          expect(displayWidth(line)).to.be.at.most(width);
        }
      }),
    );
  });
});

describe('boxes', () => {
  it('are 66 columns wide at least, wider for wider lines', () => {
    const lines = box('Title', ['x'], plainStyle).trimEnd().split('\n');
    expect(lines.map(displayWidth)).to.deep.equal([66, 66, 66, 66, 66]);
    expect(lines[0]).to.match(/^╭─ Title ─+╮$/);
    expect(lines[2]).to.match(/^│ {2}x {59} {2}│$/);
    const wide = box('Title', ['日'.repeat(50)], plainStyle)
      .trimEnd()
      .split('\n');
    expect(new Set(wide.map(displayWidth))).to.deep.equal(new Set([106]));
  });

  it('fit a narrow terminal', () => {
    for (const columns of [16, 40, 60]) {
      const lines = box('T', ['x'.repeat(contentLimit(columns))], richStyle, columns)
        .trimEnd()
        .split('\n');
      expect(new Set(lines.map(displayWidth)), String(columns)).to.deep.equal(new Set([columns]));
    }
  });
});

describe('style of an output', () => {
  const terminal = { write: () => undefined, isTTY: true, columns: 80 };
  const pipe = { write: () => undefined, isTTY: false, columns: undefined };

  it('is rich on a terminal only, unless the user says otherwise', () => {
    expect(styleOf(terminal, {}).colour).to.equal(true);
    expect(styleOf(pipe, {}).colour).to.equal(false);
    expect(styleOf(terminal, { NO_COLOR: '1' }).colour).to.equal(false);
    expect(styleOf(terminal, { TERM: 'dumb' }).colour).to.equal(false);
    expect(styleOf(pipe, { FORCE_COLOR: '1' }).colour).to.equal(true);
    expect(styleOf(terminal, { FORCE_COLOR: '0' }).colour).to.equal(false);
  });

  it('puts a link around the paint, never into it', () => {
    expect(richStyle.link(richStyle.paint('7', 'red'), 'https://x')).to.equal(
      '\u001B]8;;https://x\u001B\\\u001B[4m\u001B[31m7\u001B[39m\u001B[24m\u001B]8;;\u001B\\',
    );
    expect(richStyle.link('7', null)).to.equal('7');
    expect(plainStyle.link('7', 'https://x')).to.equal('7');
  });
});
