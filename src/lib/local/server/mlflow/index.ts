import { Hono } from 'hono';
import type { Tracking } from '../../store/tracking.js';
import { artifactProxyRoutes, runArtifactRoutes } from './artifacts.js';
import { endpoint, failure } from './endpoint.js';
import { experimentRoutes } from './experiments.js';
import { metricRoutes } from './metrics.js';
import type { RunArtifacts } from './run-artifacts.js';
import { loggingRoutes, runRoutes } from './runs.js';
import { SignedAddresses } from './signed-addresses.js';

export interface MlflowOptions {
  tracking: Tracking;
  artifacts: RunArtifacts;
}

/** The MLflow 2.0 REST API, with what newer clients ask of a tracking server before they log. */
export function mlflowRoutes({ tracking, artifacts }: MlflowOptions): Hono {
  const app = new Hono();
  app.onError((error, context) => failure(context, error));
  experimentRoutes(app, tracking);
  runRoutes(app, tracking);
  loggingRoutes(app, tracking);
  metricRoutes(app, tracking);
  runArtifactRoutes(app, tracking, artifacts, new SignedAddresses());
  artifactProxyRoutes(app, artifacts);
  endpoint(app, 'GET', '/api/3.0/mlflow/server-info', () => ({
    store_type: 'SqlStore',
    workspaces_enabled: false,
    trace_archival_enabled: false,
    multipart_uploads_enabled: false,
    multipart_downloads_enabled: false,
  }));
  // Clients look for models among a run's artifacts; the workspace has no registry of them.
  endpoint(app, 'POST', '/api/2.0/mlflow/logged-models/search', () => ({ models: [] }));
  return app;
}
