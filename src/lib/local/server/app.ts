import { Hono } from 'hono';
import { messageOf } from '../../errors.js';
import { ApiFailure, diskFull } from '../engine/errors.js';
import { runLogs } from '../engine/run-logs.js';
import { Artifacts } from '../store/artifacts.js';
import type { PermissionStore } from '../store/permissions.js';
import type { Access } from './access.js';
import { controlRoutes } from './control-routes.js';
import { jobsRoutes } from './jobs-routes.js';
import { mlflowRoutes } from './mlflow/index.js';
import { RunArtifacts } from './mlflow/run-artifacts.js';
import { pageRoutes } from './pages/index.js';
import { platformRoutes } from './platform-routes.js';
import { secretRoutes } from './secret-routes.js';
import { trainingRoutes } from './training-routes.js';
import { volumeRoutes } from './volume-routes.js';
import { workspaceRoutes } from './workspace-routes.js';
import type { LocalWorkspace } from './workspace-state.js';

export interface AppOptions {
  workspace: LocalWorkspace;
  permissions: PermissionStore;
  access: Access;
  /** Called for every request that was let in. */
  touched: () => void;
  /** Faults of ours, for the server's log. */
  report: (message: string) => void;
}

/** The whole REST surface of the local workspace. */
export function createApp({ workspace, permissions, access, touched, report }: AppOptions): Hono {
  const app = new Hono();

  app.use(async (context, next) => {
    await next();
    context.header('X-Databricks-Org-Id', workspace.workspaceId);
    context.header('X-Content-Type-Options', 'nosniff');
  });
  app.use(access.guard);
  app.use(async (_context, next) => {
    touched();
    await next();
  });

  for (const version of ['2.0', '2.1', '2.2']) app.route(`/api/${version}/jobs`, jobsRoutes(workspace));
  app.route('/api/2.0/ai-training', trainingRoutes(workspace));
  app.route('/api/2.0/secrets', secretRoutes(workspace));
  app.route('/api/2.0/fs', volumeRoutes(workspace));
  app.route('/api/2.0', workspaceRoutes(workspace));
  app.route('/local', controlRoutes(workspace, access));
  app.route('/', platformRoutes(workspace, permissions));
  const artifacts = new RunArtifacts(
    new Artifacts(workspace.layout.artifacts),
    runLogs(workspace.jobs, workspace.engine),
  );
  app.route('/', mlflowRoutes({ tracking: workspace.tracking, artifacts }));
  app.route('/', pageRoutes(workspace, artifacts));

  app.notFound((context) =>
    context.json(
      {
        error_code: 'ENDPOINT_NOT_FOUND',
        message: `No API found for '${context.req.method} ${context.req.path}'`,
      },
      404,
    ),
  );
  app.onError((error, context) => {
    const { status, errorCode, message } = failureOf(error);
    if (!(error instanceof ApiFailure)) {
      report(`${context.req.method} ${context.req.path}: ${error.stack ?? messageOf(error)}`);
    }
    return context.json({ error_code: errorCode, message }, status as 400);
  });
  return app;
}

/** What went wrong, in the words of the API. */
function failureOf(error: Error): ApiFailure {
  if (error instanceof ApiFailure) return error;
  const code = 'code' in error ? String(error.code) : '';
  if (code.startsWith('SQLITE_FULL') || code === 'ENOSPC') return diskFull();
  if (code.startsWith('SQLITE_BUSY')) {
    const message = 'Another process has locked the database of the local workspace.';
    return new ApiFailure(503, 'TEMPORARILY_UNAVAILABLE', message);
  }
  return new ApiFailure(500, 'INTERNAL_ERROR', messageOf(error));
}
