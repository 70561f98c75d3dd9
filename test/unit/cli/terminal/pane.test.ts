import { expect } from 'chai';
import { keysOf, type Key } from '../../../../src/lib/cli/terminal/keys.js';
import { paneLines, paneOf, pressPaneKey, resizedPane } from '../../../../src/lib/cli/terminal/pane.js';
import { plainStyle } from '../../../../src/lib/cli/terminal/style.js';
import { displayWidth } from '../../../../src/lib/cli/terminal/width.js';

describe('a pane', () => {
  const text = Array.from({ length: 50 }, (_, index) => `line ${index}`).join('\n');
  const pane = paneOf('Title', () => text, 40);
  const key = (input: string) => keysOf(input)[0] as Key;

  it('scrolls within its text and closes', () => {
    expect(pressPaneKey(pane, key('j'), 12)?.top).to.equal(1);
    expect(pressPaneKey(pane, key(' '), 12)?.top).to.equal(10);
    expect(pressPaneKey(pane, key('G'), 12)?.top).to.equal(40);
    expect(pressPaneKey(pane, key('k'), 12)?.top).to.equal(0);
    for (const closing of ['q', '\u001B']) expect(pressPaneKey(pane, key(closing), 12)).to.equal(null);
  });

  it('fills the screen exactly, and wraps its lines', () => {
    expect(paneLines(pane, plainStyle, 40, 12)).to.have.length(12);
    const wrapped = paneOf('Title', () => 'x'.repeat(100), 40);
    expect(wrapped.lines.map(displayWidth)).to.deep.equal([40, 40, 20]);
    expect(paneLines(wrapped, plainStyle, 40, 12)).to.have.length(12);
  });

  it('is laid out anew for another size, and stays within its text', () => {
    const wide = paneOf('Title', (columns) => `${'─'.repeat(columns)}\n${text}`, 40);
    const narrow = resizedPane({ ...wide, top: 39 }, 20, 30);
    expect(narrow.lines[0]).to.equal('─'.repeat(20));
    expect(narrow.top).to.equal(51 - 28);
  });
});
