import { expect } from 'chai';
import { keysOf, type Key } from '../../../../src/lib/cli/terminal/keys.js';
import {
  emptyList,
  listLines,
  needsMore,
  pressKey,
  selectedRun,
  visibleRuns,
  withRows,
  type ListState,
} from '../../../../src/lib/cli/views/interactive/run-list.js';
import { plainStyle } from '../../../../src/lib/cli/terminal/style.js';
import { displayWidth } from '../../../../src/lib/cli/terminal/width.js';
import { summaries } from '../../../support/training-runs.js';

const height = 5;

function press(state: ListState, ...keys: string[]): ListState {
  return keys.flatMap((key) => keysOf(key)).reduce((each, key) => pressKey(each, key, height).state, state);
}

const wishOf = (input: string) => pressKey(loaded, keysOf(input)[0] as Key, height).wish;
const loaded: ListState = { ...withRows(emptyList, summaries(12)), loading: false };

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
    const refreshed = withRows(moved, [...summaries(14).slice(12), ...moved.rows]);
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
