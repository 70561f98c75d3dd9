/**
 * A whole listing over 2,000 and 10,000 runs, each answer taking 50 ms: cold and warm, by index and by scan, as
 * multiples of the time that reading page after page takes.
 * Usage: node --import tsx bench/list.ts
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseFilters, RunList } from '../src/lib/runs/list/index.js';
import { systemClock } from '../src/lib/io.js';
import type { Run } from '../src/lib/workspace/contract/index.js';
import {
  startScriptedWorkspace,
  type RecordedRequest,
  type ScriptedWorkspace,
  type Scripts,
} from '../test/support/scripted-workspace.js';
import { trainingRun, trainingTask, workspaceOf } from '../test/support/training-runs.js';
import { clientOf } from '../test/support/workspace.js';

const latency = 50;
const month = 30 * 24 * 3_600_000;

function runsOf(count: number): Run[] {
  return Array.from({ length: count }, (_, index) => {
    const start_time = Date.now() - Math.floor((index * 1.9 * month) / count);
    const task = trainingTask({ run_id: 9_000_000 - index, start_time, end_time: start_time + 1000 });
    return trainingRun({ run_id: 1_000_000 - index, start_time, end_time: start_time + 1000, tasks: [task] });
  });
}

/** Milliseconds for all runs by page tokens alone, which allow one request at a time. */
async function pageAfterPage(server: ScriptedWorkspace): Promise<number> {
  const { jobs } = clientOf(server.target());
  const start = performance.now();
  let pageToken: string | undefined;
  do {
    const page = await jobs.list({ expandTasks: true, limit: 25, ...(pageToken ? { pageToken } : {}) });
    pageToken = page.next_page_token;
  } while (pageToken);
  return performance.now() - start;
}

async function measure(count: number): Promise<void> {
  const runs = runsOf(count);
  const scripts = workspaceOf(runs);
  const server = await startScriptedWorkspace();
  const slow = Object.entries(scripts).map(([route, script]) => [
    route,
    (request: RecordedRequest, call: number) => {
      const answer = typeof script === 'function' ? script(request, call) : script;
      return { ...(answer as object), delay: latency };
    },
  ]);
  server.script({
    ...(Object.fromEntries(slow) as Scripts),
    'GET /api/2.2/jobs/runs/list': ({ query }) => {
      const from = Number(query.get('start_time_from') ?? 0);
      const to = Number(query.get('start_time_to') ?? Number.MAX_SAFE_INTEGER);
      const within = runs.filter(({ start_time = 0 }) => start_time >= from && start_time <= to);
      const at = Number(query.get('page_token') ?? 0);
      const next = at + 25 < within.length ? { next_page_token: String(at + 25) } : {};
      return { json: { runs: within.slice(at, at + 25), ...next }, delay: latency };
    },
    'GET /api/2.0/ai-training/workflows': ({ query }) => {
      const at = Number(query.get('page_token') ?? 0);
      const training_workflows = runs.slice(at, at + 100).map((run) => ({
        job_run_id: run.run_id,
        submit_time: new Date(run.start_time ?? 0).toISOString(),
      }));
      const next = at + 100 < runs.length ? { next_page_token: String(at + 100) } : {};
      return { json: { training_workflows, ...next }, delay: latency };
    },
  });
  const cacheFolder = mkdtempSync(join(tmpdir(), 'air-bench-list-'));
  const cases = [
    { name: 'found only', allUsers: true, links: false, limit: count },
    { name: '20 mine, links', allUsers: false, links: true, limit: 20 },
    { name: 'all, links, cold', allUsers: true, links: true, limit: count },
    { name: 'all, links, warm', allUsers: true, links: true, limit: count },
    { name: 'mine, links, warm', allUsers: false, links: true, limit: count },
  ];
  const base = await pageAfterPage(server);
  for (const { name, allUsers, links, limit } of cases) {
    const before = server.requests.length;
    const start = performance.now();
    let first = 0;
    let rows = 0;
    const request = { allStatus: true, allUsers, filter: parseFilters([]), limit, cacheFolder };
    const list = new RunList(clientOf(server.target()), request, systemClock);
    for await (const group of links ? list.trackedGroups() : list.groups()) {
      first ||= performance.now() - start;
      rows += group.length;
      await list.save();
    }
    const time = performance.now() - start;
    console.log(
      `${String(count).padStart(6)} runs  ${name.padEnd(18)} ${time.toFixed(0).padStart(7)} ms  x${(time / base).toFixed(2)}` +
        `  first rows ${first.toFixed(0)} ms  ${rows} rows  ${server.requests.length - before} requests`,
    );
  }
  await server.close();
  rmSync(cacheFolder, { recursive: true, force: true });
}

for (const count of [2000, 10_000]) await measure(count);
