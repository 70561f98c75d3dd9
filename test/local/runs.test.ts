import { expect } from 'chai';
import { processIdentity } from '../../src/lib/process-identity.js';
import type { ErrorBody, RunOutput } from '../../src/lib/workspace/contract/index.js';
import { startLocalWorkspace, type ScratchWorkspace } from '../support/local-workspace.js';

describe('runs of the local workspace', () => {
  let lw: ScratchWorkspace;
  before(async () => {
    lw = await startLocalWorkspace({ TZ: 'UTC', SECRET_OF_THE_SHELL: 'x' });
  });
  after(() => lw.close());

  it('runs the command once on each node, with the variables of the platform and nothing of the shell', async () => {
    const runId = await lw.submit({ command: 'echo rank=$NODE_RANK of $NUM_NODES; env', nodes: 2 });
    const run = await lw.untilOver(runId);
    expect(run.state).to.deep.equal({
      life_cycle_state: 'TERMINATED',
      result_state: 'SUCCESS',
      state_message: '',
    });
    const first = await lw.text(runId, 'filter.node_index=0');
    const second = await lw.text(runId, 'filter.node_index=1');
    expect(first).to.include('rank=0 of 2');
    expect(second).to.include('rank=1 of 2');
    const names = second.slice(1).map((line) => line.split('=')[0]);
    expect(names.sort()).to.deep.equal(
      [
        ...['AIR_LOCAL_ATTEMPT', 'CUDA_VISIBLE_DEVICES', 'HOME', 'LANG', 'LOCAL_WORLD_SIZE', 'MASTER_ADDR'],
        ...['MASTER_PORT', 'MLFLOW_EXPERIMENT_ID', 'MLFLOW_RUN_ID', 'MLFLOW_TRACKING_TOKEN'],
        ...['MLFLOW_TRACKING_URI', 'NODE_RANK', 'NUM_NODES', 'PATH', 'POD_RANK', 'PWD', 'PYTHONUNBUFFERED'],
        ...['SHELL', 'SHLVL', 'TZ', 'WORLD_SIZE', '_'],
      ].sort(),
    );
    const port = (lines: string[]) => lines.find((line) => line.startsWith('MASTER_PORT='));
    expect(port(first)).to.equal(port(second));
  });

  it('gives the variables, secrets and hyperparameters that lie beside the command', async () => {
    await lw.request('POST', '/api/2.0/secrets/scopes/create', { scope: 'team' });
    await lw.request('POST', '/api/2.0/secrets/put', { scope: 'team', key: 'key', string_value: 'hush' });
    const runId = await lw.submit({
      command: 'echo $COLOR; echo $HUSH; cat $HYPERPARAMETERS_PATH',
      files: {
        'env_vars.json': JSON.stringify([{ name: 'COLOR', value: 'deep blue' }]),
        'secret_env_vars.json': JSON.stringify([{ name: 'HUSH', secret_scope: 'team', secret_key: 'key' }]),
        'hyperparameters.yaml': 'rate: 0.1\n',
      },
    });
    await lw.untilOver(runId);
    expect(await lw.text(runId)).to.deep.equal(['deep blue', 'hush', 'rate: 0.1']);
  });

  it('refuses a run whose secrets it lacks, and says how to store each', async () => {
    const { status, body } = await lw.trySubmit({
      command: 'true',
      files: {
        'secret_env_vars.json': JSON.stringify([
          { name: 'A', secret_scope: 'team', secret_key: 'none' },
          { name: 'B', secret_scope: 'other', secret_key: 'none' },
        ]),
      },
    });
    expect(status).to.equal(400);
    expect(body.message).to.include('air local secrets put other none');
    expect(body.message).to.include('air local secrets put team none');
  });

  it('lets the first failing node decide, stops the others and names it with its exit code', async () => {
    const runId = await lw.submit({ command: 'if [ $NODE_RANK = 1 ]; then exit 3; fi; sleep 60', nodes: 2 });
    const run = await lw.untilOver(runId);
    expect(run.state?.result_state).to.equal('FAILED');
    expect(run.state?.state_message).to.match(/^Node 1 .*exit code 3/);
    expect(run.status?.termination_details?.code).to.equal('RUN_EXECUTION_ERROR');
  });

  for (const [command, words] of [
    ['no-such-program', /exit code 127: command not found/],
    ['kill -9 $$', /exit code 137: killed .*memory/],
  ] as const) {
    it(`says what usually lies behind the end of "${command}"`, async () => {
      const run = await lw.untilOver(await lw.submit({ command }));
      expect(run.state?.state_message).to.match(words);
    });
  }

  it('tries again as often as told, each attempt with ids and logs of its own', async () => {
    const command = 'echo $MLFLOW_RUN_ID; test -e ../../../again || { touch ../../../again; exit 9; }';
    const runId = await lw.submit({ command, maxRetries: 2 });
    const run = await lw.untilOver(runId);
    expect(run.state?.result_state).to.equal('SUCCESS');
    expect(run.tasks?.map((task) => [task.attempt_number, task.state?.result_state])).to.deep.equal([
      [0, 'FAILED'],
      [1, 'SUCCESS'],
    ]);
    expect(new Set(run.tasks?.map((task) => task.run_id)).size).to.equal(2);
    const mlflowRuns = await Promise.all(
      (run.tasks ?? []).map(async (task) => {
        const path = `/api/2.2/jobs/runs/get-output?run_id=${task.run_id ?? ''}`;
        return (await lw.request<RunOutput>('GET', path)).body.ai_runtime_task_output?.mlflow_run_id ?? '';
      }),
    );
    expect(await lw.text(runId, 'ref.attempt_number=0')).to.deep.equal([mlflowRuns[0]]);
    expect(await lw.text(runId)).to.deep.equal([mlflowRuns[1]]);
  });

  it('ends an attempt that takes too long, then tries again where timeouts are retried', async () => {
    const runId = await lw.submit({ command: 'echo up; sleep 60', timeoutSeconds: 1, maxRetries: 1 });
    const run = await lw.untilOver(runId);
    expect(run.tasks?.map((task) => task.state?.result_state)).to.deep.equal(['TIMEDOUT', 'TIMEDOUT']);
    expect(run.state?.result_state).to.equal('TIMEDOUT');
    expect(await lw.text(runId)).to.deep.equal(['up']);
  });

  it('stops on cancel, a grandchild in a session of its own that ignores SIGTERM too', async () => {
    const command =
      'setsid bash -c \'trap "" TERM; echo grandchild $BASHPID; while :; do sleep 0.2; done\' & echo node $$; sleep 60';
    const runId = await lw.submit({ command });
    await lw.until(runId, (run) => run.state?.life_cycle_state === 'RUNNING');
    while ((await lw.text(runId, 'ascending=false')).length < 2);
    await lw.request('POST', '/api/2.2/jobs/runs/cancel', { run_id: Number(runId) });
    expect((await lw.run(runId)).state?.life_cycle_state).to.equal('TERMINATING');
    const run = await lw.untilOver(runId);
    expect(run.state?.result_state).to.equal('CANCELED');
    for (const line of await lw.text(runId)) {
      const pid = Number(line.split(' ')[1]);
      expect(pid).to.be.greaterThan(1);
      expect(processIdentity(pid), line).to.equal(null);
    }
  });

  it('gives up a run that still waits as soon as it is canceled', async () => {
    const busy: string[] = [];
    const slots = Math.max(2, (await import('node:os')).availableParallelism());
    for (let i = 0; i < slots; i++) busy.push(await lw.submit({ command: 'sleep 60' }));
    const waiting = await lw.submit({ command: 'true' });
    const run = await lw.run(waiting);
    expect(run.state?.life_cycle_state).to.equal('PENDING');
    expect(run.state?.state_message).to.match(/place 1 in the queue/);
    await lw.request('POST', '/api/2.2/jobs/runs/cancel', { run_id: Number(waiting) });
    expect((await lw.run(waiting)).state?.result_state).to.equal('CANCELED');
    for (const runId of busy)
      await lw.request('POST', '/api/2.2/jobs/runs/cancel', { run_id: Number(runId) });
    for (const runId of busy) expect((await lw.untilOver(runId)).state?.result_state).to.equal('CANCELED');
  });

  it('starts one run for any number of submissions with one token at once', async () => {
    const submission = { command: 'true', token: 'one-for-all' };
    const answers = await Promise.all(Array.from({ length: 20 }, () => lw.submit(submission)));
    expect(new Set(answers).size).to.equal(1);
  });

  it('answers for an unknown run as Databricks does', async () => {
    for (const path of ['get', 'get-output']) {
      const { status, body } = await lw.request<ErrorBody>(
        'GET',
        `/api/2.2/jobs/runs/${path}?run_id=99999999999999999`,
      );
      expect(status).to.equal(400);
      expect(body).to.deep.equal({
        error_code: 'INVALID_PARAMETER_VALUE',
        message: 'Run 99999999999999999 does not exist.',
      });
    }
    const { status, body } = await lw.request<ErrorBody>(
      'POST',
      '/api/2.2/jobs/runs/cancel',
      '{"run_id":9223372036854775807}',
    );
    expect(status).to.equal(400);
    expect(body.message).to.equal('Run 9223372036854775807 does not exist.');
  });
});
