import { expect } from 'chai';
import { LiveRegion } from '../../../../src/lib/cli/terminal/live-region.js';
import { recordingOutput } from '../../../support/context.js';

describe('a region that is painted over', () => {
  it('goes up as many lines as it took, wrapped ones included', () => {
    const terminal = recordingOutput(10, 20);
    const region = new LiveRegion(terminal);
    region.paint(`one\n${'x'.repeat(25)}\n`);
    region.paint('two');
    expect(terminal.text).to.equal(`one\n${'x'.repeat(25)}\n\u001B[4A\r\u001B[Jtwo\n`);
    region.erase();
    expect(terminal.text.endsWith('two\n\u001B[1A\r\u001B[J')).to.equal(true);
  });

  it('goes up as many lines as it takes now, after the width has changed', () => {
    const terminal = recordingOutput(20, 20);
    const region = new LiveRegion(terminal);
    region.paint('x'.repeat(30));
    terminal.columns = 10;
    region.erase();
    expect(terminal.text.endsWith('\u001B[3A\r\u001B[J')).to.equal(true);
    region.paint('x'.repeat(30));
    terminal.columns = 100;
    region.erase();
    expect(terminal.text.endsWith('\u001B[1A\r\u001B[J')).to.equal(true);
  });

  it('never takes more than the screen', () => {
    const terminal = recordingOutput(20, 6);
    const region = new LiveRegion(terminal);
    region.paint(Array.from({ length: 30 }, (_, index) => `line ${index}`).join('\n'));
    expect(terminal.text.split('\n')).to.deep.equal([
      'line 0',
      'line 1',
      'line 2',
      'line 3',
      '… 26 more lines',
      '',
    ]);
  });
});
