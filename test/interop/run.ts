/**
 * Drives the unmodified Python clients against a scratch local workspace: mlflow of today and of the 2.x line, in
 * virtual environments that are kept between runs (AIR_INTEROP_CACHE, else a folder of the user's cache).
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { RunOutput } from '../../src/lib/workspace/contract/index.js';
import { startLocalWorkspace } from '../support/local-workspace.js';

const cache = process.env['AIR_INTEROP_CACHE'] ?? join(homedir(), '.cache', 'air-interop');
const clients = [
  {
    name: 'mlflow-3',
    packages: ['mlflow-skinny>=3,<4', 'databricks-sdk'],
    scripts: ['mlflow_client.py', 'databricks_client.py'],
  },
  { name: 'mlflow-2', packages: ['mlflow-skinny>=2,<3', 'databricks-sdk'], scripts: ['mlflow_client.py'] },
];

/** The Python of an environment with these packages; undefined when it cannot be made. */
function environment(name: string, packages: string[]): string | undefined {
  const folder = join(cache, name);
  const python = join(folder, 'bin', 'python');
  const fine = () => spawnSync(python, ['-c', 'import mlflow, databricks.sdk']).status === 0;
  if (existsSync(python) && fine()) return python;
  const made = spawnSync('python3', ['-m', 'venv', folder]).status === 0;
  const installed =
    made && spawnSync(python, ['-m', 'pip', 'install', '-q', ...packages], { stdio: 'inherit' }).status === 0;
  return installed && fine() ? python : undefined;
}

const workspace = await startLocalWorkspace();
let failed = false;
try {
  const runId = await workspace.submit({ command: 'echo first line; echo "second line"' });
  const run = await workspace.untilOver(runId);
  const path = `/api/2.2/jobs/runs/get-output?run_id=${run.tasks?.[0]?.run_id}`;
  const output = (await workspace.request<RunOutput>('GET', path)).body.ai_runtime_task_output;
  for (const { name, packages, scripts } of clients) {
    const python = environment(name, packages);
    if (python === undefined) {
      console.warn(`SKIPPED: ${name} was not tried, since Python or its package registry is out of reach.`);
      continue;
    }
    for (const script of scripts) {
      const file = fileURLToPath(new URL(script, import.meta.url));
      const lines = JSON.stringify(['first line', 'second line']);
      const { status } = spawnSync(python, [file, String(output?.mlflow_run_id), lines, runId], {
        stdio: 'inherit',
        env: {
          PATH: process.env['PATH'],
          HOME: workspace.folder,
          DATABRICKS_HOST: workspace.host,
          DATABRICKS_TOKEN: workspace.token,
          MLFLOW_TRACKING_URI: workspace.host,
          MLFLOW_TRACKING_TOKEN: workspace.token,
          MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT: 'true',
        },
      });
      if (status !== 0) {
        failed = true;
        console.error(`FAILED: ${script} with ${name}`);
      }
    }
  }
} finally {
  await workspace.close();
}
process.exitCode = failed ? 1 : 0;
