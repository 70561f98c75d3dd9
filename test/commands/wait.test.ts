import { expect } from 'chai';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Run } from '../../src/lib/workspace/contract/index.js';
import { envelopeOf, packageRoot, runCli, type CliOptions } from '../support/cli.js';
import { startScriptedUser, type ScriptedUser } from '../support/scripted-user.js';
import { apiError, type Answer } from '../support/scripted-workspace.js';
import { runningRun, trainingRun, trainingTask, workspaceOf } from '../support/training-runs.js';

const shiftedClock = join(packageRoot, 'test/support/shifted-clock.mjs');
const getRun = 'GET /api/2.2/jobs/runs/get';
const json = (run: Run): Answer => ({ json: run });

function failedRun(message = 'Node 1 failed with exit code 3.'): Run {
  const state = { life_cycle_state: 'TERMINATED', result_state: 'FAILED', state_message: message } as const;
  return trainingRun({ state, tasks: [trainingTask({ state })] });
}

function pendingRun(): Run {
  const state = { life_cycle_state: 'PENDING' } as const;
  return runningRun({ state, tasks: [trainingTask({ state, end_time: 0 })] });
}

describe('air wait', function () {
  this.timeout(60_000);
  let user: ScriptedUser;

  beforeEach(async () => {
    user = await startScriptedUser(workspaceOf([trainingRun()]));
  });
  afterEach(() => user.leave());

  const air = (args: string[], options: CliOptions = {}) =>
    runCli(['wait', '42', ...args], {
      ...options,
      env: { ...user.env, ...options.env },
    });

  it('waits for the end, and exits by it', async () => {
    user.server.script({ [getRun]: [json(pendingRun()), json(runningRun()), json(trainingRun())] });
    const good = await air(['--json']);
    expect(good.code, good.stdout).to.equal(0);
    expect(good.stderr).to.equal('');
    expect(envelopeOf(good).data).to.include({ run_id: '42', status: 'SUCCESS', timed_out: false });
    user.server.script({ [getRun]: [json(runningRun()), json(failedRun())] });
    const bad = await air([]);
    expect(bad.code).to.equal(1);
    expect(bad.stdout).to.equal('Run 42: FAILED (Node 1 failed with exit code 3.)\n');
    expect(bad.stderr).to.equal('');
  });

  it('waits until a run runs', async () => {
    user.server.script({ [getRun]: [json(pendingRun()), json(runningRun())] });
    const result = await air(['--for', 'running', '--json']);
    expect(result.code).to.equal(0);
    expect(envelopeOf(result).data).to.include({ status: 'RUNNING', timed_out: false });
    user.server.script({ [getRun]: json(trainingRun()) });
    expect((await air(['--for', 'running'])).code).to.equal(0);
    user.server.script({ [getRun]: json(failedRun()) });
    expect((await air(['--for', 'running'])).code).to.equal(1);
  });

  it('gives up when the time is over', async () => {
    user.server.script({ [getRun]: json(runningRun()) });
    const result = await air(['--timeout', '1s', '-o', 'json']);
    expect(result.code).to.equal(3);
    expect(envelopeOf(result).data).to.include({ status: 'RUNNING', timed_out: true });
  });

  for (const [duration, seconds] of [
    ['90s', 90],
    ['9m', 540],
    ['1.5h', 5400],
    ['1d', 86_400],
  ] as const) {
    it(`waits as long as ${duration} says, and no longer`, async () => {
      const clock = join(user.home, 'clock');
      const shift = (to: number) => writeFileSync(clock, String(to * 1000));
      shift(0);
      const early = json(runningRun());
      user.server.script({
        [getRun]: (_, call) => {
          // A minute is left while the program asks again; then the time is up.
          if (call === 1) shift(seconds - 60);
          if (call === 3) shift(seconds);
          return early;
        },
      });
      const result = await air(['--timeout', duration, '-o', 'json'], {
        env: { AIR_TEST_CLOCK: clock, NODE_OPTIONS: `--import ${shiftedClock}` },
      });
      expect(result.code, result.stderr).to.equal(3);
      expect(envelopeOf(result).data).to.include({ status: 'RUNNING', timed_out: true });
      expect(user.server.sent(getRun)).to.have.length.of.at.least(3);
    });
  }

  it('does not outlast its time at a host that says nothing', async () => {
    user.server.script({ [getRun]: { fault: 'hang' } });
    const untold = await air(['--timeout', '1s', '-o', 'json']);
    expect(untold.code).to.equal(6);
    expect(envelopeOf(untold).error).to.include({ retryable: true });
    expect(envelopeOf(untold).error?.message).to.include('did not tell the state of run 42');
    user.server.script({
      [getRun]: [json(runningRun()), { fault: 'hang' }],
      'GET /api/2.0/preview/scim/v2/Me': { fault: 'hang' },
    });
    const late = await air(['--timeout', '1s', '-o', 'json']);
    expect(late.code).to.equal(3);
    expect(envelopeOf(late).data).to.include({
      status: 'RUNNING',
      timed_out: true,
      dashboard_url: `${user.server.url}/jobs/runs/42`,
      mlflow_url: null,
    });
  });

  it('outlives passing faults', async () => {
    user.server.script({
      [getRun]: [
        json(runningRun()),
        apiError(503, 'TEMPORARILY_UNAVAILABLE', 'later'),
        { fault: 'lost' },
        json(trainingRun()),
      ],
    });
    expect((await air([])).code).to.equal(0);
  });

  it('ends at once for a run that is not there, and at an interrupt', async () => {
    user.server.script({ [getRun]: apiError(400, 'INVALID_PARAMETER_VALUE', 'Run 42 does not exist.') });
    expect((await air(['--json'])).code).to.equal(5);
    user.server.script({ [getRun]: { fault: 'hang' } });
    const result = await air([], {
      onStart: (child) => {
        const timer = setInterval(() => {
          if (user.server.sent(getRun).length < 2) return;
          clearInterval(timer);
          child.kill('SIGINT');
        }, 20);
      },
    });
    expect(result.code).to.equal(130);
    expect(result.stderr).to.equal('Interrupted.\n');
  });

  it('refuses what is no duration', async () => {
    const result = await air(['--timeout', '9']);
    expect(result.code).to.equal(2);
    expect(result.stderr).to.include('"9"').and.include('9m');
  });
});
