import { expect } from 'chai';
import { LogPrinter } from '../../../../src/lib/cli/views/log-printer.js';
import { styleOf } from '../../../../src/lib/cli/terminal/style.js';
import type { LogLine } from '../../../../src/lib/logs/line.js';
import { recordingOutput } from '../../../support/context.js';

const line = (body: string, node = 0): LogLine => ({ attempt: 0, node, body, time: null });

function recorder(columns?: number, env: NodeJS.ProcessEnv = {}) {
  const output = recordingOutput(columns);
  return { output, printer: new LogPrinter({ output, style: styleOf(output, env) }) };
}

function printed(lines: LogLine[], columns?: number, env?: NodeJS.ProcessEnv): string {
  const { printer, output } = recorder(columns, env);
  for (const each of lines) printer.print([each]);
  printer.finish();
  return output.text;
}

describe('lines of logs in a pipe', () => {
  it('pass as they are, control characters and all', () => {
    const bodies = ['plain', '', 'nul \0', '\u001B[2Jcleared \u001B[31mred', '\ttab', 'x'.repeat(1_000_000)];
    expect(printed(bodies.map((body) => line(body)))).to.equal(bodies.map((body) => `${body}\n`).join(''));
  });

  it('show the last state of a progress bar that was ended', () => {
    expect(printed([line('\r0%\r50%\r100%'), line('\r0%\r100%'), line('after')])).to.equal(
      '100%\n100%\nafter\n',
    );
  });

  it('show the last of the states that came one by one', () => {
    expect(printed([line('\r1%'), line('\r2%'), line('after')])).to.equal('2%\nafter\n');
    expect(printed([line('\r1%'), line('\r2%\r3%')])).to.equal('3%\n');
    expect(printed([line('\r1%')])).to.equal('1%\n');
  });

  it('keep every line of a program that ends them with CR LF', () => {
    expect(printed([line('a\r'), line('b\r'), line('\r')])).to.equal('a\nb\n\n');
  });

  it('show a line once of which a state came before', () => {
    expect(printed([line('\rEpoch 1: '), line('Epoch 1: done')])).to.equal('Epoch 1: done\n');
    expect(printed([line('\rstep 1'), line('\rstep 2'), line('step 1\rstep 2\rstep 3')])).to.equal(
      'step 3\n',
    );
    expect(printed([line('\r1%'), line('lr=0.1%')])).to.equal('1%\nlr=0.1%\n');
  });

  it('keep the bars of several nodes apart', () => {
    const { printer, output } = recorder();
    printer.nodeCount = 11;
    printer.print([line('\r1%', 3), line('\r5%', 10), line('hello', 3)]);
    printer.finish();
    expect(output.text).to.equal('[node  3] 1%\n[node  3] hello\n[node 10] 5%\n');
  });
});

describe('lines of logs on a terminal', () => {
  it('redraw a progress bar in place and cut it to the width', () => {
    const text = printed([line('\r1%'), line(`\r${'#'.repeat(50)}`), line('after')], 20);
    expect(text).to.equal(`\r\u001B[2K1%\r\u001B[2K${'#'.repeat(19)}\nafter\n`);
  });

  it('put the ended bar in the place of its last state', () => {
    expect(printed([line('\r1%'), line('\r2%\r3%')], 20)).to.equal('\r\u001B[2K1%\r\u001B[2K3%\n');
  });

  it('put a line in the place of the state of it that came before', () => {
    expect(printed([line('\rEpoch 1: '), line('Epoch 1: done'), line('after')], 20)).to.equal(
      '\r\u001B[2KEpoch 1: \r\u001B[2KEpoch 1: done\nafter\n',
    );
  });

  it('paint fatal lines, unless colour is refused', () => {
    const fatal = line('RuntimeError: CUDA out of memory');
    expect(printed([fatal], 80)).to.equal(
      '\u001B[1m\u001B[31mRuntimeError: CUDA out of memory\u001B[39m\u001B[22m\n',
    );
    expect(printed([fatal], 80, { NO_COLOR: '1' })).to.equal('RuntimeError: CUDA out of memory\n');
  });

  it('lose what would move the cursor, set the title or write the clipboard', () => {
    const hostile =
      '\u001B]0;title\u0007a\u001B]52;c;aGk=\u001B\\b\u001B[2J\u001B[10;10Hc\u001BPq\u001B\\d\u009B2Je\u001B';
    expect(printed([line(hostile)], 80)).to.equal('abcd\uFFFD2Je\n');
  });

  it('keep colour and end it', () => {
    expect(printed([line('\u001B[38;5;1mred')], 80)).to.equal('\u001B[38;5;1mred\u001B[0m\n');
    expect(printed([line('\u001B[31mred\u001B[0m')], 80, { NO_COLOR: '1' })).to.equal('red\n');
  });
});
