import { expect } from 'chai';
import type { AttemptStep } from '../../../src/lib/logs/attempt.js';
import { nanosecondsOf } from '../../../src/lib/logs/line.js';
import { Settling } from '../../../src/lib/logs/settling.js';

const start = Date.UTC(2026, 0, 5);

function step(times: number[] = [], changes: Partial<AttemptStep> = {}): AttemptStep {
  const lines = times.map((time) => ({ attempt: 0, node: 0, body: 'line', time: nanosecondsOf(time) }));
  return { lines, more: false, failed: false, wait: null, note: null, source: 'service', ...changes };
}

/** Milliseconds after the end at which empty readings, one each 50 ms, are enough. */
function quietTime(settling: Settling, clock: { time: number }, reading: AttemptStep = step()): number {
  const end = clock.time;
  settling.begin({ end_time: end });
  for (; clock.time < end + 120_000; clock.time += 50) {
    settling.saw(reading, clock.time);
    if (settling.isOver(reading)) return clock.time - end;
  }
  return Infinity;
}

function begin(isLocal: boolean) {
  const clock = { time: start };
  const settling = new Settling({ now: () => clock.time, sleep: () => Promise.resolve() }, isLocal);
  return { clock, settling };
}

describe('the settling of an ended attempt', () => {
  it('ends soon in a local workspace that never lagged', () => {
    const { clock, settling } = begin(true);
    settling.saw(step(), start);
    clock.time += 1000;
    settling.saw(step([start + 500]), clock.time);
    expect(quietTime(settling, clock)).to.be.within(100, 200);
  });

  it('waits twice as long as lines were seen to lag', () => {
    const { clock, settling } = begin(false);
    clock.time += 3000;
    settling.saw(step(), clock.time);
    clock.time += 100;
    settling.saw(step([start + 1000]), clock.time);
    expect(quietTime(settling, clock)).to.be.within(4000, 4100);
  });

  it('learns nothing about lag from lines that were all there when it came', () => {
    const { clock, settling } = begin(true);
    clock.time += 3000;
    settling.saw(step([start]), clock.time);
    expect(quietTime(settling, clock)).to.be.within(1500, 1600);
  });

  it('waits for the upload of the last chunk when files are read', () => {
    const { clock, settling } = begin(true);
    expect(quietTime(settling, clock, step([], { source: 'files' }))).to.be.within(3000, 3100);
  });

  it('goes on while there is more, and gives up failing readings after a minute', () => {
    const { clock, settling } = begin(false);
    expect(quietTime(settling, clock, step([], { more: true }))).to.equal(Infinity);
    const failing = begin(false);
    expect(quietTime(failing.settling, failing.clock, step([], { failed: true }))).to.be.within(
      60_000,
      60_100,
    );
  });

  it('reads once what ended long ago', () => {
    const { clock, settling } = begin(false);
    settling.begin({ end_time: start - 3_600_000 });
    settling.saw(step(), clock.time);
    expect(settling.isOver(step())).to.equal(true);
  });
});
