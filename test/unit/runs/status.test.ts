import { expect } from 'chai';
import { isOver, latestTask, statusWord, terminationReason } from '../../../src/lib/runs/status.js';
import { trainingRun, trainingTask } from '../../support/training-runs.js';

const withTask = (runState: object, taskState?: string) => ({
  state: runState,
  tasks: taskState === undefined ? [] : [{ state: { life_cycle_state: taskState } }],
});

describe('state of a run', () => {
  it('is one word: result, else waiting, else life cycle', () => {
    const running = { life_cycle_state: 'RUNNING' };
    for (const waiting of ['PENDING', 'QUEUED', 'WAITING_FOR_RETRY', 'BLOCKED']) {
      expect(statusWord(withTask(running, waiting)), waiting).to.equal('PENDING');
    }
    expect(statusWord(withTask(running, 'RUNNING'))).to.equal('RUNNING');
    expect(statusWord(withTask(running))).to.equal('RUNNING');
    expect(statusWord(withTask({ life_cycle_state: 'PENDING' }))).to.equal('PENDING');
    expect(
      statusWord(withTask({ life_cycle_state: 'TERMINATED', result_state: 'FAILED' }, 'PENDING')),
    ).to.equal('FAILED');
  });

  it('passes states on that it does not know, and says when there is none', () => {
    expect(statusWord({ state: { life_cycle_state: 'HIBERNATING' } })).to.equal('HIBERNATING');
    expect(statusWord({ state: { result_state: 'MOSTLY_FINE' } })).to.equal('MOSTLY_FINE');
    expect(statusWord({})).to.equal('UNKNOWN');
    expect(statusWord({ state: {} })).to.equal('UNKNOWN');
  });

  it('is over by life cycle or result', () => {
    expect(isOver({ state: { life_cycle_state: 'TERMINATING', result_state: 'TIMEDOUT' } })).to.equal(true);
    expect(isOver({ state: { life_cycle_state: 'SKIPPED' } })).to.equal(true);
    expect(isOver({ state: { life_cycle_state: 'TERMINATING' } })).to.equal(false);
    expect(isOver({})).to.equal(false);
  });

  it('waits for GPUs as its newest attempt does, not as its first', () => {
    const run = {
      state: { life_cycle_state: 'RUNNING' },
      tasks: [
        trainingTask({ attempt_number: 0 }),
        trainingTask({ attempt_number: 1, state: { life_cycle_state: 'PENDING' } }),
      ],
    };
    expect(statusWord(run)).to.equal('PENDING');
  });

  it('takes the latest attempt wherever it stands among 150', () => {
    const tasks = Array.from({ length: 150 }, (_, index) =>
      trainingTask({ run_id: 5000 + index, attempt_number: (index + 75) % 150 }),
    );
    expect(latestTask({ tasks })?.run_id).to.equal(5000 + 74);
  });

  describe('the reason of a bad end', () => {
    const failed = (overrides: object) =>
      trainingRun({ state: { life_cycle_state: 'TERMINATED', result_state: 'FAILED' }, ...overrides });

    it('is the first that says something', () => {
      expect(
        terminationReason(
          failed({
            state: { result_state: 'FAILED', state_message: 'parent' },
            status: { termination_details: { message: '  detailed reason ' } },
          }),
        ),
      ).to.equal('detailed reason');
      const timedOut = failed({
        state: { result_state: 'TIMEDOUT', state_message: ' ' },
        tasks: [trainingTask({ state: { state_message: 'took too long' } })],
      });
      expect(terminationReason(timedOut)).to.equal('took too long');
    });

    it('is none for runs that did not fail', () => {
      for (const result_state of ['SUCCESS', 'CANCELED']) {
        expect(terminationReason({ state: { result_state, state_message: 'said' } })).to.equal(null);
      }
      expect(terminationReason(failed({ state: { result_state: 'FAILED' } }))).to.equal(null);
    });
  });
});
