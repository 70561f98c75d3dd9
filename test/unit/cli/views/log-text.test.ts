import { expect } from 'chai';
import fc from 'fast-check';
import { lastState, safeForTerminal } from '../../../../src/lib/cli/views/log-text.js';
import { styleOf } from '../../../../src/lib/cli/terminal/style.js';

const terminal = { write: () => undefined, isTTY: true, columns: 80 };
const coloured = styleOf(terminal, {});
const plain = styleOf(terminal, { NO_COLOR: '1' });

describe('a line of a workload on a terminal', () => {
  it('keeps its colours, and ends them', () => {
    expect(safeForTerminal('\u001B[31mred', coloured)).to.equal('\u001B[31mred\u001B[0m');
  });

  it('loses its colours where none are wanted', () => {
    expect(safeForTerminal('\u001B[1;31mred\u001B[0m', plain)).to.equal('red');
  });

  const attacks: [what: string, text: string][] = [
    ['a cleared screen', '\u001B[2J'],
    ['a moved cursor', '\u001B[10;5H'],
    ['a window title', '\u001B]0;title\u0007'],
    ['a clipboard write', '\u001B]52;c;aGk=\u001B\\'],
    ['a hyperlink', '\u001B]8;;https://example.com\u001B\\'],
    ['a device control string', '\u001BP+q544e\u001B\\'],
    ['a reset', '\u001Bc'],
    ['an unfinished sequence', '\u001B['],
  ];
  for (const [what, text] of attacks) {
    it(`cannot send ${what}`, () => {
      expect(safeForTerminal(`a${text}b`, coloured)).to.not.include('\u001B');
    });
  }

  it('shows other control characters', () => {
    expect(safeForTerminal('a\u0000b\u0008c\td', coloured)).to.equal('a^@b^Hc\td');
  });

  it('never lets more than colour through', () => {
    const part = fc.oneof(
      fc.string(),
      fc.constantFrom('\u001B', '\u001B[', '\u001B]', '\u001BP', '\u001B\\', '\u001B[3', '\u009B', '\u0007'),
      fc.constantFrom(';', '1m', '31m', 'H', 'J', '\\', '\r', '\0', '\u0018'),
    );
    fc.assert(
      fc.property(fc.array(part), (parts) => {
        const shown = safeForTerminal(parts.join(''), coloured);
        expect(shown.replace(/\u001B\[[0-9;:]*m/g, '')).to.not.match(
          /[\u0000-\u0008\u000A-\u001F\u007F-\u009F]/,
        );
      }),
    );
  });

  it('comes down to the last state of a progress bar', () => {
    expect(lastState('\r 10%|#\r 20%|##\r')).to.equal(' 20%|##');
    expect(lastState('no bar')).to.equal('no bar');
  });
});
