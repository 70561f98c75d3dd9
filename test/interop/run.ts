/**
 * Drives unmodified Python clients against a scratch local workspace, each script with each client's packages.
 * Ends with one line of counts. What could not be tried is counted as skipped, with the reason; it is no failure.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { RunOutput } from '../../src/lib/workspace/contract/index.js';
import { startLocalWorkspace, type ScratchWorkspace } from '../support/local-workspace.js';
import { environmentOf } from './environment.js';

const clients = [
  {
    packages: ['mlflow-skinny==3.17.2', 'databricks-sdk==0.156.0'],
    scripts: ['mlflow_client.py', 'databricks_client.py'],
  },
  { packages: ['mlflow-skinny==2.22.5', 'databricks-sdk==0.156.0'], scripts: ['mlflow_client.py'] },
];
const scriptLimit = 5 * 60_000;

const counts = { passed: 0, failed: 0, skipped: 0 };
const ready = clients.flatMap(({ packages, scripts }) => {
  const environment = environmentOf(packages);
  if ('python' in environment) return scripts.map((script) => ({ script, packages, ...environment }));
  counts.skipped += scripts.length;
  console.warn(`\nSKIPPED: ${scripts.join(' and ')} with ${packages.join(' ')}: ${environment.missing}.\n`);
  return [];
});
if (ready.length > 0) {
  const workspace = await startLocalWorkspace();
  try {
    const given = await argumentsOf(workspace);
    for (const { script, packages, python } of ready) {
      const passed = await succeeds(
        python,
        [fileURLToPath(new URL(script, import.meta.url)), ...given],
        workspace,
      );
      if (passed) counts.passed++;
      else {
        counts.failed++;
        console.error(`FAILED: ${script} with ${packages.join(' ')}`);
      }
    }
  } finally {
    await workspace.close();
  }
}
console.log(`interop: ${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
process.exitCode = counts.failed > 0 ? 1 : 0;

/** What the scripts are told: an MLflow run with logs, the lines in them, and the job run that wrote them. */
async function argumentsOf(workspace: ScratchWorkspace): Promise<string[]> {
  const runId = await workspace.submit({ command: 'echo first line; echo "second line"' });
  const run = await workspace.untilOver(runId);
  const path = `/api/2.2/jobs/runs/get-output?run_id=${run.tasks?.[0]?.run_id}`;
  const output = (await workspace.request<RunOutput>('GET', path)).body.ai_runtime_task_output;
  return [String(output?.mlflow_run_id), JSON.stringify(['first line', 'second line']), runId];
}

async function succeeds(python: string, args: string[], workspace: ScratchWorkspace): Promise<boolean> {
  const client = spawn(python, args, {
    stdio: 'inherit',
    timeout: scriptLimit,
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
  const [code] = (await once(client, 'close')) as [number | null];
  return code === 0;
}
