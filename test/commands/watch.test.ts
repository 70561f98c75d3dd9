import { expect } from 'chai';
import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { envelopeOf, runCli, type CliOptions, type CliResult } from '../support/cli.js';
import { startLocalWorkspace, type ScratchWorkspace } from '../support/local-workspace.js';

interface Workload {
  nodes?: number;
  retries?: number;
  minutes?: number;
}

interface WatchEvent {
  type: string;
  run_id?: string;
  line?: string;
  status?: string;
  attempt?: number;
  retry?: number;
}

const events = (result: CliResult) =>
  result.stdout
    .trimEnd()
    .split('\n')
    .slice(0, -1)
    .map((text) => JSON.parse(text) as WatchEvent);

describe('air run --watch', function () {
  this.timeout(120_000);
  let workspace: ScratchWorkspace;
  let number = 0;

  before(async () => {
    workspace = await startLocalWorkspace({ AIR_LOCAL_CPU_RUNS: '8' });
  });
  after(() => workspace.close());

  function watch(command: string, workload: Workload, flags: string[] = [], options: CliOptions = {}) {
    const file = join(workspace.folder, `workload${number++}.yaml`);
    const body = {
      experiment_name: 'watched',
      command,
      compute: { accelerator_type: 'GPU_1xA10', num_accelerators: workload.nodes ?? 1 },
      max_retries: workload.retries ?? 0,
      ...(workload.minutes === undefined ? {} : { timeout_minutes: workload.minutes }),
    };
    writeFileSync(file, JSON.stringify(body));
    const args = ['run', '-f', file, '--local', '--watch', ...flags];
    return runCli(args, { ...options, env: { ...workspace.env, ...options.env } });
  }

  /** Calls `act` once, with the run's id, as soon as its first line is there. */
  function atFirstLine(act: (runId: string, child: ChildProcess) => void): CliOptions {
    let child: ChildProcess | undefined;
    return {
      onStart: (process) => (child = process),
      onStdout: (text) => {
        const id = /"run_id":"(\d+)"|Submitted run (\d+)/.exec(text)?.slice(1).find(Boolean);
        if (!child || id === undefined || !text.includes('line 1')) return;
        act(id, child);
        child = undefined;
      },
    };
  }

  const endless = 'i=0; while :; do i=$((i + 1)); echo "line $i"; sleep 0.1; done';

  it('shows a job that is over before it is first looked at', async () => {
    const result = await watch('echo hello', {});
    expect(result.code, result.stderr).to.equal(0);
    expect(result.stdout).to.match(
      /^Submitted run \d+\.\nRun page: http:\/\/127.0.0.1:\d+\/jobs\/runs\/\d+[^\n]*\nhello\n$/,
    );
    expect(result.stderr).to.match(/✓ Run \d+ succeeded after \d+s\./);
  });

  it('says that a job wrote nothing', async () => {
    const result = await watch('true', {});
    expect(result.code).to.equal(0);
    expect(result.stderr).to.include('has no logs');
  });

  it('announces retries, names the failing node, its exit code and what that usually means', async () => {
    const command = 'echo "node $NODE_RANK"; if [ "$NODE_RANK" = 1 ]; then exit 137; fi; sleep 30';
    const [text, json] = await Promise.all([
      watch(command, { nodes: 2, retries: 1 }),
      watch(command, { nodes: 2, retries: 1 }, ['--json']),
    ]);
    expect([text.code, json.code]).to.deep.equal([1, 1]);
    expect(text.stdout.match(/^\[node 1\] node 1$/gm)).to.have.length(2);
    expect(text.stderr.match(/Retrying \(1 of 1\)/g)).to.have.length(1);
    expect(text.stderr).to.match(/✗ Run \d+ failed after/);
    expect(text.stderr).to.match(/Node 1 failed with exit code 137.*out of memory/);
    const all = events(json);
    expect(all[0]?.type).to.equal('SUBMITTED');
    expect(all.filter(({ type }) => type === 'RETRY')).to.have.length(1);
    const ofNode = all.filter(({ type, line }) => type === 'LOG' && line === 'node 1');
    expect(ofNode.map(({ attempt }) => attempt)).to.deep.equal([0, 1]);
    expect(envelopeOf(json).data).to.include({ status: 'FAILED', attempt_number: 1 });
  });

  it('announces each retry between the lines of its attempts, however fast they fail', async () => {
    const result = await watch('echo hello; exit 3', { retries: 3 }, ['--json']);
    expect(result.code).to.equal(1);
    const story = events(result).flatMap(({ type, attempt, retry }) =>
      type === 'LOG' ? [`line of ${attempt}`] : type === 'RETRY' ? [`retry ${retry}`] : [],
    );
    const retries = [1, 2, 3].flatMap((retry) => [`retry ${retry}`, `line of ${retry}`]);
    expect(story).to.deep.equal(['line of 0', ...retries]);
  });

  it('ends when the run is cancelled from elsewhere', async () => {
    const result = await watch(
      endless,
      {},
      [],
      atFirstLine(
        (id) => void workspace.request('POST', '/api/2.2/jobs/runs/cancel', { run_id: Number(id) }),
      ),
    );
    expect(result.code).to.equal(1);
    expect(result.stderr).to.include('was cancelled');
  });

  it('leaves the run alone when it is interrupted', async () => {
    let runId = '';
    const options = atFirstLine((id, child) => {
      runId = id;
      child.kill('SIGINT');
    });
    const result = await watch(endless, {}, [], options);
    expect(result.code).to.equal(130);
    expect(result.stderr).to.include(`air logs ${runId} --local`).and.include(`air cancel ${runId} --local`);
    expect((await workspace.run(runId)).state?.life_cycle_state).to.equal('RUNNING');
    await workspace.request('POST', '/api/2.2/jobs/runs/cancel', { run_id: Number(runId) });
  });

  it('cancels the run when it is interrupted, where that was asked for', async () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) {
      let runId = '';
      const options = atFirstLine((id, child) => {
        runId = id;
        child.kill(signal);
      });
      const result = await watch(endless, {}, ['--cancel-on-interrupt', '--json'], options);
      expect(result.code).to.equal(signal === 'SIGINT' ? 130 : 143);
      expect(envelopeOf(result).error?.message).to.include('asked to cancel');
      expect((await workspace.untilOver(runId)).state?.result_state).to.equal('CANCELED');
    }
  });
});
