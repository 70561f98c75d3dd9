import type { Engine } from '../engine/engine.js';
import type { Layout } from '../state/layout.js';
import type { Database } from '../store/database.js';
import type { JobStore } from '../store/jobs.js';
import type { SecretStore } from '../store/secrets.js';
import type { Tracking } from '../store/tracking.js';

/** What the routes of the server work on. */
export interface LocalWorkspace {
  readonly layout: Layout;
  readonly database: Database;
  readonly jobs: JobStore;
  readonly secrets: SecretStore;
  readonly tracking: Tracking;
  readonly engine: Engine;
  readonly userName: string;
  readonly workspaceId: string;
  readonly version: string;
  readonly startedAt: number;
  /** `http://127.0.0.1:PORT` */
  readonly host: () => string;
  /** Stops the server once the answer is out; the runs go on. */
  readonly shutDown: () => void;
}
