import { expect } from 'chai';
import { KeyReader, keysOf, type Key } from '../../../src/lib/cli/terminal/keys.js';
import { paneLines, paneOf, pressPaneKey, resizedPane } from '../../../src/lib/cli/terminal/pane.js';
import {
  emptyList,
  listLines,
  needsMore,
  pressKey,
  selectedRun,
  visibleRuns,
  withRows,
  type ListState,
} from '../../../src/lib/cli/views/interactive/run-list.js';
import { LiveRegion } from '../../../src/lib/cli/terminal/live-region.js';
import { RunTablePrinter } from '../../../src/lib/cli/views/run-table.js';
import { plainStyle } from '../../../src/lib/cli/terminal/style.js';
import { displayWidth } from '../../../src/lib/cli/terminal/width.js';
import { summarize, type RunSummary } from '../../../src/lib/runs/summary.js';
import { noTracking } from '../../../src/lib/runs/tracking.js';
import { submittedAt, trainingRun, trainingTask } from '../../support/training-runs.js';

const reading = { host: 'https://w', workspaceId: '5', now: submittedAt, tracking: noTracking };

const rowsOf = (count: number): RunSummary[] =>
  Array.from({ length: count }, (_, index) =>
    summarize(
      trainingRun({
        run_id: 1000 + index,
        tasks: [
          trainingTask({
            ai_runtime_task: { experiment: index % 2 ? `日本語-${index}` : `resnet-${index}` },
          }),
        ],
      }),
      reading,
    ),
  );

const height = 5;

function press(state: ListState, ...keys: string[]): ListState {
  return keys.flatMap((key) => keysOf(key)).reduce((each, key) => pressKey(each, key, height).state, state);
}

const wishOf = (input: string) => pressKey(loaded, keysOf(input)[0] as Key, height).wish;
const loaded: ListState = { ...withRows(emptyList, rowsOf(12)), loading: false };

describe('keys of a terminal', () => {
  it('are read from what it sends', () => {
    expect(
      keysOf('\u001B[A\u001BOB\u001B[5~jé日\r\u007F\u0003\u001B').map((key) => key.text ?? key.name),
    ).to.deep.equal(['up', 'down', 'pageUp', 'j', 'é', '日', 'enter', 'backspace', 'interrupt', 'escape']);
  });

  it('are whole wherever the line cuts them', async () => {
    const keys: Key[] = [];
    const reader = new KeyReader((key) => keys.push(key));
    const bytes = Buffer.from('\u001B[A日');
    for (const byte of bytes) reader.feed(Buffer.of(byte));
    reader.feed('\u001B');
    expect(keys.map((key) => key.text ?? key.name)).to.deep.equal(['up', '日']);
    while (keys.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
    expect(keys[2]?.name).to.equal('escape');
    reader.feed('\u001B[');
    reader.close();
  });

  it('that mean nothing are passed over', () => {
    expect(keysOf('\u001B[1;5C\u001B[15~\u0001')).to.deep.equal([]);
  });
});

describe('the interactive list', () => {
  it('moves by one, by page and to the ends, and stays within', () => {
    expect(press(loaded, 'k').cursor).to.equal(0);
    expect(press(loaded, 'j', '\u001B[B').cursor).to.equal(2);
    expect(press(loaded, '\u001B[C').cursor).to.equal(5);
    expect(press(loaded, 'G').cursor).to.equal(11);
    expect(press(loaded, 'G', 'j', '\u001B[D').cursor).to.equal(6);
    expect(press(loaded, 'G', 'g').cursor).to.equal(0);
    expect(press(emptyList, 'j', 'G').cursor).to.equal(0);
  });

  it('asks for what keys mean', () => {
    expect(wishOf('i')).to.equal('details');
    expect(wishOf('l')).to.equal('logs');
    expect(wishOf('L')).to.equal('logs');
    expect(wishOf('o')).to.equal('openRun');
    expect(wishOf('\r')).to.equal('openLogs');
    expect(wishOf('r')).to.equal('refresh');
    expect(wishOf('q')).to.equal('quit');
    expect(wishOf('\u001B')).to.equal('quit');
    expect(wishOf('x')).to.equal(undefined);
  });

  it('filters as one types, by every word in any cell, with the cursor on its run', () => {
    const moved = press(loaded, 'j', 'j', 'j');
    const typing = press(moved, '/', '日本');
    expect(typing.filter).to.equal('日本');
    expect(visibleRuns(typing)).to.have.length(6);
    expect(selectedRun(typing)?.run_id).to.equal('1003');
    expect(visibleRuns(press(typing, ' 9'))).to.have.length(1);
    expect(press(typing, '\u007F').filter).to.equal('日');
    expect(pressKey(typing, { name: 'text', text: 'q' }, height).wish).to.equal(undefined);
    const kept = press(typing, '\r');
    expect(kept).to.deep.include({ typing: false, filter: '日本' });
    expect(press(kept, '\u001B').filter).to.equal('');
    expect(press(typing, '\u001B')).to.deep.include({ typing: false, filter: '' });
  });

  it('keeps the cursor on its run when rows arrive before it', () => {
    const moved = press(loaded, 'j', 'j');
    const refreshed = withRows(moved, [...rowsOf(14).slice(12), ...moved.rows]);
    expect(selectedRun(refreshed)?.run_id).to.equal('1002');
  });

  it('asks for more on the last page, once, and not at the end', () => {
    expect(needsMore(loaded, height)).to.equal(false);
    expect(needsMore(press(loaded, 'G'), height)).to.equal(true);
    expect(needsMore({ ...press(loaded, 'G'), loading: true }, height)).to.equal(false);
    expect(needsMore({ ...press(loaded, 'G'), complete: true }, height)).to.equal(false);
  });

  for (const columns of [20, 60, 80, 200]) {
    it(`paints one page within ${columns} columns`, () => {
      const lines = listLines(press(loaded, 'G'), plainStyle, { columns, rows: 8 });
      expect(lines).to.have.length(8);
      for (const line of lines) expect(displayWidth(line)).to.be.at.most(columns);
      expect(lines.find((line) => line.startsWith('❯'))).to.contain('1011');
    });
  }

  it('says that it loads, that nothing is there, and that nothing fits', () => {
    const text = (state: ListState) => listLines(state, plainStyle, { columns: 80, rows: 24 })[0];
    expect(text(emptyList)).to.equal('Loading…');
    expect(text({ ...emptyList, loading: false, complete: true })).to.equal('No runs found.');
    expect(text(press(loaded, '/', 'zzz'))).to.contain('"zzz"');
  });

  it('leaves a plain table behind', () => {
    const lines = listLines(loaded, plainStyle, { columns: 200, rows: 24, final: true });
    expect(lines).to.have.length(13);
    expect(lines.join('\n')).not.to.contain('❯').and.not.to.contain('quit');
  });
});

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

/** A terminal that keeps what is written to it. */
function terminalOf(columns: number | undefined, rows?: number) {
  let text = '';
  return {
    output: { write: (more: string) => void (text += more), isTTY: true, columns, rows },
    get text() {
      return text;
    },
  };
}

describe('a region that is painted over', () => {
  it('goes up as many lines as it took, wrapped ones included', () => {
    const terminal = terminalOf(10, 20);
    const region = new LiveRegion(terminal.output);
    region.paint(`one\n${'x'.repeat(25)}\n`);
    region.paint('two');
    expect(terminal.text).to.equal(`one\n${'x'.repeat(25)}\n\u001B[4A\r\u001B[Jtwo\n`);
    region.erase();
    expect(terminal.text.endsWith('two\n\u001B[1A\r\u001B[J')).to.equal(true);
  });

  it('goes up as many lines as it takes now, after the width has changed', () => {
    const terminal = terminalOf(20, 20);
    const region = new LiveRegion(terminal.output);
    region.paint('x'.repeat(30));
    terminal.output.columns = 10;
    region.erase();
    expect(terminal.text.endsWith('\u001B[3A\r\u001B[J')).to.equal(true);
    region.paint('x'.repeat(30));
    terminal.output.columns = 100;
    region.erase();
    expect(terminal.text.endsWith('\u001B[1A\r\u001B[J')).to.equal(true);
  });

  it('never takes more than the screen', () => {
    const terminal = terminalOf(20, 6);
    const region = new LiveRegion(terminal.output);
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

describe('the printed table of runs', () => {
  it('prints titles once, and later groups under them', () => {
    const terminal = terminalOf(undefined);
    const printer = new RunTablePrinter(terminal.output, plainStyle);
    printer.print(rowsOf(2));
    printer.print(rowsOf(1));
    const lines = terminal.text.trimEnd().split('\n');
    expect(lines).to.have.length(4);
    expect(lines[0]).to.match(
      /^Run ID {2}Experiment +Status +Started +Duration +Progress +MLflow +User +Accelerators$/,
    );
    expect(lines[1]).to.match(
      /^1000 {4}resnet-0 +● SUCCESS {2}2026-08-21 10:00:05 +1m 3s +- {2}- +alice@example.com {2}-$/,
    );
    expect(displayWidth(lines[2] ?? '')).to.equal(displayWidth(lines[1] ?? ''));
  });

  for (const columns of [60, 200]) {
    it(`fits ${columns} columns`, () => {
      const terminal = terminalOf(columns);
      new RunTablePrinter(terminal.output, plainStyle).print(rowsOf(6));
      for (const line of terminal.text.trimEnd().split('\n'))
        expect(displayWidth(line)).to.be.at.most(columns);
      expect(terminal.text).to.contain('1005').and.contain('● SUCCESS');
    });
  }
});
