import { expect } from 'chai';
import type { ChildProcess } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { envelopeOf, runCli, type CliResult } from '../support/cli.js';
import { startLaunchWorkspace, type LaunchWorkspace } from '../support/launch-workspace.js';

const workload = `
experiment_name: once
compute:
  accelerator_type: GPU_1xA10
  num_accelerators: 1
code_source:
  root_path: code
parameters:
  learning_rate: 0.1
env_variables:
  A: b
command: echo hello
`;

describe('one submission, never two', function () {
  this.timeout(240_000);
  let folder: string;
  let workspace: LaunchWorkspace;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'air-once-'));
    await mkdir(join(folder, 'code'));
    await writeFile(join(folder, 'code', 'train.py'), 'print("hello")\n');
    await writeFile(join(folder, 'train.yaml'), workload);
    workspace = await startLaunchWorkspace();
  });
  afterEach(async () => {
    await workspace.server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const submit = (onStart?: (child: ChildProcess) => void, ...more: string[]): Promise<CliResult> =>
    runCli(['run', '-f', join(folder, 'train.yaml'), '-o', 'json', ...more], {
      env: { ...workspace.env, HOME: folder },
      ...(onStart ? { onStart } : {}),
    });

  /** Starts over with an untouched machine and workspace. */
  async function reset(): Promise<void> {
    await rm(join(folder, '.local'), { recursive: true, force: true });
    await rm(join(folder, '.cache'), { recursive: true, force: true });
    workspace.runs.length = 0;
    workspace.files.clear();
    workspace.folders.clear();
    workspace.trouble = {};
    workspace.log = [];
  }

  /** The one run there is has every file it names, and the answer named it. */
  function expectOneWholeRun(result: CliResult): void {
    expect(result.code, result.stdout + result.stderr).to.equal(0);
    expect(workspace.runs).to.have.length(1);
    expect(envelopeOf(result).data).to.include({ run_id: workspace.runs[0]?.id });
    const task = workspace.runs[0]?.body.tasks[0]?.ai_runtime_task;
    const launch = task?.deployments[0]?.command_path.replace(/\/command\.sh$/, '');
    for (const name of ['command.sh', 'training_config.yaml', 'hyperparameters.yaml', 'env_vars.json']) {
      expect([...workspace.files.keys()]).to.include(`${launch}/${name}`);
    }
    expect([...workspace.files.keys()]).to.include(task?.code_source_path);
  }

  it('asks six things beside the uploads, and uploads nothing twice', async () => {
    expectOneWholeRun(await submit());
    const uploads = workspace.log.filter((request) => request.includes('import-file'));
    expect(uploads).to.have.length(workspace.files.size);
    // Me, preflight, the archive's status, two folders, the submission.
    expect(workspace.log.length - uploads.length).to.equal(6);
  });

  for (const moment of ['before', 'after'] as const) {
    it(`the program is killed ${moment} every request is handled, and run again`, async () => {
      expectOneWholeRun(await submit());
      const requests = workspace.log.length;
      for (let victim = 0; victim < requests; victim++) {
        await reset();
        let child: ChildProcess | undefined;
        workspace.trouble = {
          [moment]: (_: unknown, at: number) => {
            if (at !== victim) return undefined;
            child?.kill('SIGKILL');
            return { fault: 'hang' };
          },
        };
        const first = await submit((process) => (child = process));
        expect(first.signal, `request ${victim}`).to.equal('SIGKILL');
        workspace.trouble = {};
        expectOneWholeRun(await submit());
      }
    });
  }

  it('the answer to every request is lost once', async () => {
    expectOneWholeRun(await submit());
    const requests = workspace.log.length;
    for (let victim = 0; victim < requests; victim++) {
      await reset();
      workspace.trouble = { after: (_, at) => (at === victim ? { fault: 'lost' } : undefined) };
      let result = await submit();
      if (result.code !== 0) {
        workspace.trouble = {};
        result = await submit();
      }
      expectOneWholeRun(result);
    }
  });

  it('a submission that gets no answer names the workspace to look for the run in', async () => {
    const profile = `[my team]\nhost = ${workspace.server.url}\ntoken = launch-token\n`;
    await writeFile(join(folder, '.databrickscfg'), profile, { mode: 0o600 });
    workspace.trouble = {
      after: ({ path }) => (path.endsWith('/runs/submit') ? { fault: 'lost' } : undefined),
    };
    const file = join(folder, 'train.yaml');
    const result = await runCli(['run', '-f', file, '-p', 'my team', '-o', 'json'], {
      env: { HOME: folder },
    });
    expect(result.code, result.stdout).to.equal(6);
    expect(envelopeOf(result).error?.message).to.match(/^The submission got no clear answer: /);
    expect(envelopeOf(result).error?.hint).to.match(/air list -p 'my team'$/);
    expect(workspace.runs).to.have.length(1);
  });

  it('two runs on purpose are two, one after the other and side by side', async () => {
    await submit();
    await submit();
    expect(workspace.runs).to.have.length(2);
    await Promise.all([submit(), submit()]);
    expect(workspace.runs).to.have.length(4);
  });

  it('a token that the workspace knows finds the earlier run, and says so', async () => {
    const first = envelopeOf(await submit(undefined, '--idempotency-key', 'k1')).data;
    const again = envelopeOf(await submit(undefined, '--idempotency-key', 'k1')).data;
    expect(first).not.to.have.property('existing');
    expect(again).to.include({ run_id: first?.['run_id'], existing: true });
    expect(workspace.runs).to.have.length(1);
  });

  it('an interrupt before the submission leaves submits nothing', async () => {
    let child: ChildProcess | undefined;
    workspace.trouble = {
      before: ({ path }) => {
        if (!path.includes('import-file')) return undefined;
        child?.kill('SIGINT');
        return { fault: 'hang' };
      },
    };
    const result = await submit((process) => (child = process));
    expect(result.code).to.equal(130);
    workspace.trouble = {};
    expectOneWholeRun(await submit());
  });

  it('an interrupt while the answer is on its way still learns the run', async () => {
    let child: ChildProcess | undefined;
    workspace.trouble = {
      after: ({ path }) => {
        if (path.endsWith('/submit')) child?.kill('SIGINT');
        return undefined;
      },
    };
    const result = await submit((process) => (child = process));
    expect(result.code).to.equal(130);
    expect(result.stdout).to.include(workspace.runs[0]?.id);
  });
});
