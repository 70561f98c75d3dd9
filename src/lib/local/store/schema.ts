import type { Migrations } from './database.js';
import { trackingSchema } from './tracking-schema.js';

const jobsSchema = `
  CREATE TABLE settings (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;

  CREATE TABLE job_runs (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    run_id INTEGER NOT NULL UNIQUE,
    job_id INTEGER NOT NULL UNIQUE,
    idempotency_token TEXT UNIQUE,
    request TEXT NOT NULL,
    submitted_at INTEGER NOT NULL,
    ended_at INTEGER,
    life_cycle TEXT NOT NULL,
    result TEXT,
    message TEXT NOT NULL DEFAULT '',
    termination_code TEXT,
    cancel_requested INTEGER NOT NULL DEFAULT 0,
    deleted INTEGER NOT NULL DEFAULT 0
  );
  CREATE INDEX job_runs_active ON job_runs (ended_at) WHERE ended_at IS NULL;

  CREATE TABLE job_attempts (
    task_run_id INTEGER PRIMARY KEY,
    run_id INTEGER NOT NULL REFERENCES job_runs (run_id),
    number INTEGER NOT NULL,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    running_at INTEGER,
    ended_at INTEGER,
    life_cycle TEXT NOT NULL,
    result TEXT,
    message TEXT NOT NULL DEFAULT '',
    mlflow_experiment_id TEXT NOT NULL,
    mlflow_run_id TEXT NOT NULL,
    gpus TEXT NOT NULL DEFAULT '[]',
    UNIQUE (run_id, number)
  );
  CREATE INDEX job_attempts_of_mlflow ON job_attempts (mlflow_run_id);

  CREATE TABLE secret_scopes (name TEXT PRIMARY KEY, created_at INTEGER NOT NULL) WITHOUT ROWID;
  CREATE TABLE secrets (
    scope TEXT NOT NULL REFERENCES secret_scopes (name) ON DELETE CASCADE,
    key TEXT NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (scope, key)
  ) WITHOUT ROWID;

  CREATE TABLE permissions (
    object_type TEXT NOT NULL,
    object_id TEXT NOT NULL,
    principal_type TEXT NOT NULL,
    principal TEXT NOT NULL,
    level TEXT NOT NULL,
    PRIMARY KEY (object_type, object_id, principal_type, principal)
  ) WITHOUT ROWID;
`;

/** The one database of a local workspace. A released step is never changed: the next one is added below it. */
export const migrations: Migrations = [jobsSchema + trackingSchema];
