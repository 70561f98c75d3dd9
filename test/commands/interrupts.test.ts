import { expect } from 'chai';
import type { ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from '../../src/lib/workspace/contract/paths.js';
import { envelopeOf, runCli, type CliOptions } from '../support/cli.js';
import { startLaunchWorkspace } from '../support/launch-workspace.js';
import { startScriptedUser, type ScriptedUser } from '../support/scripted-user.js';
import { apiError, type Answer, type Handler } from '../support/scripted-workspace.js';
import { runningRun, trainingRun, trainingTask, workspaceOf } from '../support/training-runs.js';

const runId = 42;
const logsRoute = `GET ${paths.workflowLogs(String(runId))}`;
const cancelRoute = `POST ${paths.runsCancel}`;
const hang: Answer = { fault: 'hang' };

describe('Ctrl-C', function () {
  this.timeout(60_000);
  let user: ScriptedUser;
  let child: ChildProcess | undefined;

  beforeEach(async () => {
    child = undefined;
    user = await startScriptedUser({
      ...workspaceOf([runningRun({ run_id: runId })]),
      [logsRoute]: { json: { log_records: [] } },
    });
  });
  afterEach(() => user.leave());

  const air = (args: string[], options: CliOptions = {}) =>
    runCli(args, {
      ...options,
      env: { ...user.env, ...options.env },
      onStart: (process) => (child = process),
    });
  function workload(): string {
    const file = join(user.home, 'train.yaml');
    const compute = '{accelerator_type: GPU_1xA10, num_accelerators: 1}';
    writeFileSync(file, `experiment_name: e\ncommand: "true"\ncompute: ${compute}\n`);
    return file;
  }

  /** A request that is answered by Ctrl-C alone. */
  const interrupted: Handler = () => {
    child?.kill('SIGINT');
    return hang;
  };

  it('leaves a server behind that does not answer, and says how to go on', async () => {
    user.server.script({ [logsRoute]: interrupted });
    const result = await air(['logs', String(runId)]);
    expect(result.code).to.equal(130);
    expect(result.stderr).to.include('goes on').and.include('air logs 42').and.include('air cancel 42');
  });

  it('ends a cancellation that hangs when it comes again', async () => {
    const launches = await startLaunchWorkspace();
    try {
      launches.server.script({
        [`GET ${paths.runsGet}`]: {
          json: runningRun({ run_id: 1000, tasks: [trainingTask({ run_id: 7 })] }),
        },
        [`GET ${paths.workflowLogs('1000')}`]: interrupted,
        [cancelRoute]: interrupted,
      });
      const args = ['run', '-f', workload(), '--watch', '--cancel-on-interrupt'];
      const result = await air(args, { env: launches.env });
      expect(result.code).to.equal(130);
      expect(launches.server.sent(cancelRoute)).to.have.length(1);
      expect(result.stderr).not.to.include('could not be cancelled');
    } finally {
      await launches.server.close();
    }
  });

  for (const [moment, flags, until] of [
    ['whose id is on its way', [], paths.submit],
    ['that it looks at for the first time', ['--idempotency-key', 'k'], paths.runsGet],
  ] as const) {
    it(`cancels a run ${moment}, where that was asked for`, async () => {
      const launches = await startLaunchWorkspace();
      try {
        launches.server.script({ [cancelRoute]: { json: {} } });
        launches.trouble = {
          after: ({ path }) => {
            if (path === until && child?.kill('SIGINT')) child = undefined;
            return undefined;
          },
        };
        const args = ['run', '-f', workload(), '--watch', '--cancel-on-interrupt', '--json', ...flags];
        const result = await air(args, { env: launches.env });
        expect(result.code, result.stdout).to.equal(130);
        expect(envelopeOf(result).error?.message).to.include('Run 1000 was asked to cancel');
        const [cancel] = launches.server.sent(cancelRoute);
        expect(cancel?.json).to.deep.equal({ run_id: 1000 });
      } finally {
        await launches.server.close();
      }
    });
  }

  it('keeps what was downloaded of stored logs; the next time goes on behind it', async () => {
    const chunks = ['one\ntwo\n', 'three\nfour\n', 'five\n'];
    const folder = join(user.home, 'logs-here');
    const stored = join(folder, 'logs', 'node_0.log');
    const artifacts: Record<string, { path: string; is_dir?: boolean; file_size?: number }[]> = {
      logs: [{ path: 'logs/node_0', is_dir: true }],
      'logs/node_0': chunks.map((chunk, index) => ({
        path: `logs/node_0/logs-${index}.chunk.txt`,
        file_size: chunk.length,
      })),
    };
    user.server.script({
      ...workspaceOf([
        trainingRun({
          run_id: runId,
          tasks: [trainingTask({ ai_runtime_task: { experiment: 'e', deployments: oneNode } })],
        }),
      ]),
      [logsRoute]: apiError(404, 'FEATURE_DISABLED', 'There are no logs here.'),
      'GET /api/2.0/mlflow/artifacts/list': ({ query }) => ({
        json: { files: artifacts[query.get('path') ?? ''] ?? [] },
      }),
      'GET /api/2.0/mlflow/artifacts/credentials-for-read': ({ query }) => ({
        json: { credential_infos: [{ signed_uri: `${user.server.url}/signed/${query.get('path') ?? ''}` }] },
      }),
      ...Object.fromEntries(
        chunks.map((body, index) => [`GET /signed/logs/node_0/logs-${index}.chunk.txt`, { body }]),
      ),
      'GET /signed/logs/node_0/logs-1.chunk.txt': [interrupted, { body: chunks[1] ?? '' }],
    });
    const first = await air(['logs', String(runId), '--download-to', folder]);
    expect(first.code, first.stderr).to.equal(130);
    expect(first.stderr).to.include(`air logs ${runId} --download-to ${folder}`);
    expect(readFileSync(stored, 'utf8')).to.equal(chunks[0]);
    const second = await air(['logs', String(runId), '--download-to', folder, '--json']);
    expect(second.code, second.stdout).to.equal(0);
    expect(envelopeOf(second).data).to.have.property('source', 'files');
    expect(readFileSync(stored, 'utf8')).to.equal(chunks.join(''));
    // Read twice: the one that was last when it stopped, which may have grown, and the one that never came.
    expect(user.server.sent('GET /signed/logs/node_0/logs-2.chunk.txt')).to.have.length(1);
    expect(existsSync(join(folder, 'logs', 'all_nodes.log'))).to.equal(false);
  });
});

const oneNode = [{ command_path: '/c', compute: { accelerator_type: 'GPU_1xA10', accelerator_count: 1 } }];
