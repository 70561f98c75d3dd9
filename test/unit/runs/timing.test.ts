import { expect } from 'chai';
import fc from 'fast-check';
import { durationSeconds, isoformat, reportedWindow, wholeSeconds } from '../../../src/lib/runs/timing.js';
import { runningRun, submittedAt, trainingRun, trainingTask } from '../../support/training-runs.js';

describe('times of a run', () => {
  it('rounds half to even', () => {
    const rounded = [0, 499, 500, 501, 1500, 2500, 3500, 11_500, 12_500].map(wholeSeconds);
    expect(rounded).to.deep.equal([0, 0, 0, 1, 2, 2, 4, 12, 12]);
  });

  it('never rounds further than half a second, and halves to even numbers', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), (milliseconds) => {
        const seconds = wholeSeconds(milliseconds);
        expect(Math.abs(seconds * 1000 - milliseconds)).to.be.at.most(500);
        if (milliseconds % 1000 === 500) expect(seconds % 2).to.equal(0);
      }),
    );
  });

  it('writes microseconds only when they are not zero', () => {
    expect(isoformat(submittedAt)).to.equal('2026-08-21T10:00:00+00:00');
    expect(isoformat(submittedAt + 7)).to.equal('2026-08-21T10:00:00.007000+00:00');
  });

  it('reports the latest attempt', () => {
    const run = trainingRun({
      tasks: [
        trainingTask({ attempt_number: 0 }),
        trainingTask({
          attempt_number: 1,
          start_time: submittedAt + 100_000,
          end_time: submittedAt + 130_000,
        }),
      ],
    });
    expect(reportedWindow(run)).to.deep.equal({ start: submittedAt + 100_000, end: submittedAt + 130_000 });
    expect(durationSeconds(run, submittedAt + 999_000)).to.equal(30);
  });

  it('falls back to the times of the run, each on its own', () => {
    const task = trainingTask({ start_time: 0, end_time: 0 });
    expect(reportedWindow(trainingRun({ tasks: [task] }))).to.deep.equal({
      start: submittedAt,
      end: submittedAt + 70_000,
    });
  });

  it('measures a run that goes on up to now, never below zero when the server is ahead', () => {
    expect(durationSeconds(runningRun(), submittedAt + 65_000)).to.equal(60);
    expect(durationSeconds(runningRun(), submittedAt - 60_000)).to.equal(0);
  });

  it('knows no duration before the start, nor for an end that nobody tells', () => {
    expect(durationSeconds({}, submittedAt)).to.equal(null);
    expect(durationSeconds({ start_time: 0, tasks: [] }, submittedAt)).to.equal(null);
    const ended = { start_time: submittedAt, state: { life_cycle_state: 'INTERNAL_ERROR' } };
    expect(durationSeconds(ended, submittedAt + 5000)).to.equal(null);
    expect(durationSeconds({ ...ended, run_duration: 4500 }, submittedAt + 9000)).to.equal(4);
  });
});
