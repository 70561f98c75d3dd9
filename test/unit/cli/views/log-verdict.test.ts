import { expect } from 'chai';
import { LogScreen } from '../../../../src/lib/cli/views/log-screen.js';
import { EventWriter } from '../../../../src/lib/cli/views/log-events.js';
import { verdictText, waitText } from '../../../../src/lib/cli/views/log-verdict.js';
import { plainStyle } from '../../../../src/lib/cli/terminal/style.js';
import { verdictOf } from '../../../../src/lib/runs/verdict.js';
import { submittedAt, trainingRun, trainingTask } from '../../../support/training-runs.js';
import { recordingIO, standingClock } from '../../../support/context.js';

const links = { dashboard: 'https://w/jobs/runs/42', mlflow: 'https://w/ml/7' };
const options = { now: submittedAt + 30_000, style: plainStyle, flags: ' -p work' };

function ended(result: 'SUCCESS' | 'FAILED' | 'CANCELED' | 'TIMEDOUT', message = '', attempt_number = 0) {
  const state = { life_cycle_state: 'TERMINATED', result_state: result, state_message: message } as const;
  return trainingRun({ state, tasks: [trainingTask({ state, attempt_number })] });
}

const said = (run: ReturnType<typeof ended>) => verdictText(run, verdictOf(run, '42', links), options);

describe('the last words about a run', () => {
  it('tell a success with its duration and links', () => {
    expect(said(ended('SUCCESS'))).to.equal(
      '✓ Run 42 succeeded after 1m 3s.\n  Run:  https://w/jobs/runs/42\n  Logs: https://w/ml/7\n',
    );
  });

  it('tell of a failure the reason, and what the exit code usually means', () => {
    const text = said(ended('FAILED', 'Node 3 failed with exit code 137.'));
    expect(text).to.include('✗ Run 42 failed after 1m 3s.\n  Reason: Node 3 failed with exit code 137.\n');
    expect(text).to.match(/Exit code 137 usually means: killed .*out of memory/);
  });

  it('have nothing to add to exit code 1', () => {
    expect(said(ended('FAILED', 'Node 0 failed with exit code 1.'))).not.to.include('usually means');
  });

  it('do not repeat what the reason says', () => {
    const text = said(ended('FAILED', 'Node 0 failed with exit code 127: command not found.'));
    expect(text.match(/command not found/g)).to.have.length(1);
  });

  it('name an exit code that stands beside the reason only', () => {
    const run = ended('FAILED', 'rank 2 exited with code 1');
    run.status = { termination_details: { message: 'The workload failed.' } };
    expect(said(run)).to.include('  Reason: The workload failed.\n  Node 2 exited with code 1.\n');
  });

  it('let no control character of the server reach the terminal', () => {
    expect(said(ended('FAILED', 'bad \u001B]0;title\u0007 end'))).not.to.match(/[\u001B\u0007]/);
  });

  it('count the attempts, time the last of them, and say where the logs of earlier ones are', () => {
    expect(said(ended('FAILED', '', 2)))
      .to.include('✗ Run 42 failed after 3 attempts; the last took 1m 3s.\n')
      .and.include('air logs 42 --retry 0 -p work');
  });

  it('tell a cancellation, a timeout and a run that goes on', () => {
    expect(said(ended('CANCELED'))).to.include('✗ Run 42 was cancelled after');
    expect(said(ended('TIMEDOUT'))).to.include('✗ Run 42 ran out of its time after');
    const running = trainingRun({
      state: { life_cycle_state: 'RUNNING' },
      end_time: 0,
      tasks: [trainingTask({ end_time: 0, state: { life_cycle_state: 'RUNNING' } })],
    });
    expect(said(running)).to.include('Run 42 goes on: RUNNING for 25s.');
  });

  it('of a wait are one line', () => {
    const run = ended('FAILED', 'Two\nlines');
    expect(waitText(verdictOf(run, '42', links))).to.equal('Run 42: FAILED (Two lines)\n');
    expect(waitText(verdictOf(run, '42', links, true))).to.include('still going on');
  });
});

describe('what happens to a run', () => {
  const retry = { type: 'retry', retry: 1, of: 3 } as const;
  const empty = { type: 'empty', node: 0, text: 'Run 42 has no logs.\u0007' } as const;

  it('reaches people on stderr, beside the lines', () => {
    const io = recordingIO();
    const screen = new LogScreen(io, {});
    const line = { attempt: 0, node: 0, body: 'hello', time: null };
    for (const event of [
      { type: 'waiting', text: 'Waiting...' } as const,
      retry,
      { type: 'lines', lines: [line] } as const,
      empty,
    ])
      screen.accept(event);
    screen.close();
    expect(io.stdout.text).to.equal('hello\n');
    expect(io.stderr.text).to.equal('Retrying (1 of 3)...\nRun 42 has no logs.␇\n');
  });

  it('reaches programs as one object a line', () => {
    const io = recordingIO();
    const writer = new EventWriter(io.stdout, standingClock(submittedAt));
    const line = { attempt: 1, node: 2, body: 'Killed', time: '1755770400000000001' };
    writer.accept({ type: 'status', status: 'RUNNING', previous: null });
    writer.accept({ type: 'lines', lines: [line] });
    writer.accept(retry);
    writer.accept({ type: 'waiting', text: 'Waiting...' });
    const ts = '2026-08-21T10:00:00Z';
    const log = { ts, node: 2, line: 'Killed', time_unix_nano: '1755770400000000001', attempt: 1 };
    const events = io.stdout.text
      .trimEnd()
      .split('\n')
      .map((text) => JSON.parse(text) as unknown);
    expect(events).to.deep.equal([
      { type: 'STATUS', ts, status: 'RUNNING' },
      { type: 'ALERT', ...log },
      { type: 'LOG', ...log },
      { type: 'RETRY', ts, retry: 1, max_retries: 3 },
    ]);
  });
});
