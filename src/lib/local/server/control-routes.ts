import { Hono } from 'hono';
import type { Access } from './access.js';
import type { LocalWorkspace } from './workspace-state.js';

/** What the `air local` commands ask, beside the Databricks API. */
export function controlRoutes(workspace: LocalWorkspace, access: Access): Hono {
  const routes = new Hono();

  routes.get('/status', (context) => {
    const runs: Record<string, number> = {};
    for (const { lifeCycle, result, count } of workspace.jobs.countsByState()) {
      const word = (result ?? lifeCycle).toLowerCase();
      runs[word] = (runs[word] ?? 0) + count;
    }
    const active = workspace.jobs.activeRuns();
    return context.json({
      runs,
      active: active.length,
      queue: active.filter((run) => run.lifeCycle === 'PENDING').length,
    });
  });

  routes.post('/cancel-all', (context) => {
    for (const run of workspace.jobs.activeRuns()) workspace.engine.cancel(run.runId);
    return context.json({});
  });

  routes.post('/nonce', (context) => context.json({ nonce: access.newNonce() }));
  routes.get('/open', access.openPage);

  routes.post('/shutdown', (context) => {
    workspace.shutDown();
    return context.json({});
  });

  return routes;
}
