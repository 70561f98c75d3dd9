import { spawn } from 'node:child_process';
import { closeSync, copyFileSync, mkdirSync, openSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { packageRoot } from '../../package-root.js';
import type { Layout } from '../state/layout.js';
import { AttemptFolder } from '../supervisor/folder.js';
import type { AttemptRecord, RunRecord } from '../store/job-records.js';
import type { SecretStore } from '../store/secrets.js';
import { nodeEnvironments } from './node-environment.js';
import { readWorkload, secretVariables } from './workload.js';

const supervisorProgram = join(packageRoot, 'dist/lib/local/supervisor/main.js');

export interface StartSurroundings {
  layout: Layout;
  dataDirectory: string;
  secrets: SecretStore;
  baseEnvironment: Readonly<Record<string, string>>;
  address: () => { host: string; token: string };
}

/** Writes down what the attempt's supervisor has to do, unless an earlier server did. */
export async function writeAttempt(
  folder: AttemptFolder,
  run: RunRecord,
  attempt: AttemptRecord,
  surroundings: StartSurroundings,
): Promise<void> {
  if (folder.spec) return;
  const { layout, secrets } = surroundings;
  const workload = readWorkload(run.request, layout, secrets);
  mkdirSync(folder.path, { recursive: true, mode: 0o700 });
  const commandFile = join(folder.path, 'command.sh');
  copyFileSync(workload.commandFile, commandFile);
  let hyperparametersFile: string | undefined;
  if (workload.hyperparametersFile !== undefined) {
    hyperparametersFile = join(folder.path, 'hyperparameters.yaml');
    copyFileSync(workload.hyperparametersFile, hyperparametersFile);
  }
  const { host, token } = surroundings.address();
  const environments = nodeEnvironments({
    base: surroundings.baseEnvironment,
    compute: workload.compute,
    gpus: attempt.gpus,
    masterPort: await freePort(),
    tracking: { uri: host, token, experimentId: attempt.experimentId, runId: attempt.mlflowRunId },
    hyperparametersFile,
    variables: workload.variables,
    secrets: secretVariables(workload, secrets),
  });
  const timeoutSeconds = run.request.timeout_seconds;
  folder.writeSpec({
    marker: `${run.runId}.${attempt.number}.${randomBytes(6).toString('hex')}`,
    dataDirectory: surroundings.dataDirectory,
    commandFile,
    ...(timeoutSeconds === undefined || timeoutSeconds === 0 ? {} : { timeoutSeconds }),
    setup: {
      ...(workload.codeArchive === undefined ? {} : { codeArchive: workload.codeArchive }),
      ...(workload.dependencies.length === 0 ? {} : { dependencies: workload.dependencies }),
      environmentsFolder: layout.environments,
    },
    nodes: environments.map((env, index) => ({
      index,
      env,
      workFolder: join(folder.path, 'work', `node_${index}`),
    })),
  });
}

/** Starts a supervisor; a second one for the same attempt ends at once. */
export function startSupervisor(folder: AttemptFolder): void {
  const log = openSync(folder.supervisorLog, 'a', 0o600);
  try {
    spawn(process.execPath, [supervisorProgram, folder.path], {
      detached: true,
      stdio: ['ignore', log, log],
      cwd: folder.path,
      env: process.env,
    }).unref();
  } finally {
    closeSync(log);
  }
}

/** A port that nobody listens on at the moment. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
