/**
 * A long metric in a local workspace: logged over HTTP in batches of 1,000, read back, and outlined for a plot; beside
 * the same rows put straight into an SQLite file, as many to a transaction and as durably.
 * Usage: npm run build && node --import tsx bench/tracking.ts [POINTS]
 */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Database } from '../src/lib/local/store/database.js';
import { openBrowser } from '../test/support/browser.js';
import { startLocalWorkspace, type ScratchWorkspace } from '../test/support/local-workspace.js';
import { MlflowApi } from '../test/support/mlflow.js';

const count = Number(process.argv[2] ?? 1_000_000);
const batch = 1000;

const value = (step: number) => Math.exp(-step / count) + Math.sin(step) / 10;

async function timed<T>(
  name: string,
  base: number | undefined,
  work: () => Promise<T> | T,
): Promise<[number, T]> {
  const start = performance.now();
  const result = await work();
  const time = performance.now() - start;
  const ratio = base === undefined ? '' : `x${(time / base).toFixed(2)}`;
  console.log(
    `${name.padEnd(44)} ${(time / 1000).toFixed(2).padStart(7)} s  ${ratio.padStart(7)}  ${((1000 * time) / count).toFixed(1)} us a point`,
  );
  return [time, result];
}

/** The least that could be done: the rows alone. */
function insertBare(): void {
  const folder = mkdtempSync(join(tmpdir(), 'air-bench-tracking-'));
  const database = Database.open(join(folder, 'bare.db'), [
    'CREATE TABLE points (series INTEGER, timestamp INTEGER, step INTEGER, value REAL, PRIMARY KEY (series, timestamp, step, value)) WITHOUT ROWID',
  ]);
  for (let from = 0; from < count; from += batch) {
    database.transaction(() => {
      for (let step = from; step < from + batch; step++) {
        database.run(
          'INSERT OR IGNORE INTO points VALUES (1, ?, ?, ?)',
          BigInt(step),
          BigInt(step),
          value(step),
        );
      }
    });
  }
  database.close();
  rmSync(folder, { recursive: true });
}

async function log(mlflow: MlflowApi, run_id: string): Promise<void> {
  for (let from = 0; from < count; from += batch) {
    const metrics = Array.from({ length: batch }, (_, index) => {
      const step = from + index;
      return { key: 'loss', value: value(step), timestamp: 1_700_000_000_000 + step, step };
    });
    const { status } = await mlflow.post('runs/log-batch', { run_id, metrics });
    if (status !== 200) throw new Error(`A batch was answered with ${status}.`);
  }
}

function memoryOf(workspace: ScratchWorkspace): number {
  const status = readFileSync(`/proc/${workspace.serverPid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1024;
}

/** Opens the run's page, and tries how long it keeps a user waiting. */
async function plot(run_id: string, experimentId: string): Promise<void> {
  const browser = await openBrowser(workspace);
  if (!browser) return;
  const { page } = browser;
  // The longest time for which the page did nothing else, from its first moment on.
  await page.addInitScript(`
    window.longest = 0;
    let last = performance.now();
    setInterval(() => { const now = performance.now(); window.longest = Math.max(window.longest, now - last); last = now; }, 5);
  `);
  const begin = performance.now();
  await page.goto(`${workspace.host}/ml/experiments/${experimentId}/runs/${run_id}`);
  await page.locator('.plot canvas').waitFor();
  const drawn = performance.now() - begin;
  const switching = performance.now();
  await page.getByLabel('Time').check();
  await page.locator('.plot[aria-label*="over seconds"] canvas').waitFor();
  const switched = performance.now() - switching;
  const longest = Number(await page.evaluate('window.longest'));
  console.log(
    `page in the browser: plot after ${drawn.toFixed(0)} ms, other axis ${switched.toFixed(0)} ms after the click; ` +
      `never busy for longer than ${longest.toFixed(0)} ms`,
  );
  await browser.close();
}

// Before the workspace starts: it blocks this process for longer than a kept connection lives.
const [bare] = await timed('bare rows, in this process', undefined, insertBare);
const workspace = await startLocalWorkspace();
try {
  const mlflow = new MlflowApi(workspace);
  const experimentId = await mlflow.experiment();
  const run_id = await mlflow.newRun({ experiment_id: experimentId });
  const memory = memoryOf(workspace);
  await timed('logged over HTTP', bare, () => log(mlflow, run_id));
  await timed('read back over HTTP', bare, () => mlflow.history(run_id, 'loss', 25_000));
  const outline = () =>
    workspace.request<{ steps: unknown[] }>('GET', `/pages/tracking/${run_id}/metric?key=loss`);
  const [, answer] = await timed('outlined for a plot', bare, outline);
  await timed('outlined again', bare, outline);
  await plot(run_id, experimentId);
  console.log(`${answer.body.steps.length} points of ${count} are plotted`);
  console.log(
    `memory of the server: ${memory.toFixed(0)} MB before, ${memoryOf(workspace).toFixed(0)} MB after`,
  );
} finally {
  await workspace.close();
}
