/**
 * Tables of experiments and their runs. Metrics are kept twice on purpose: every point in `metric_points`, and
 * the newest of each series in `run_metrics`, so that neither a table of runs nor a search reads a history.
 * A value that is not finite is text (`NaN`, `Infinity`, `-Infinity`), since SQLite turns NaN into NULL.
 */
export const trackingSchema = `
CREATE TABLE experiments (
  experiment_id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL UNIQUE,
  artifact_location TEXT,
  lifecycle_stage TEXT NOT NULL DEFAULT 'active',
  creation_time INTEGER NOT NULL,
  last_update_time INTEGER NOT NULL
);
CREATE TABLE experiment_tags (
  experiment_id INTEGER NOT NULL REFERENCES experiments,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (experiment_id, key)
) WITHOUT ROWID;
INSERT INTO experiments (experiment_id, name, creation_time, last_update_time)
  VALUES (0, 'Default', unixepoch() * 1000, unixepoch() * 1000);

CREATE TABLE tracking_runs (
  run_key INTEGER PRIMARY KEY,
  run_id TEXT NOT NULL UNIQUE,
  experiment_id INTEGER NOT NULL REFERENCES experiments,
  user_id TEXT NOT NULL,
  status TEXT NOT NULL,
  start_time INTEGER NOT NULL,
  end_time INTEGER,
  lifecycle_stage TEXT NOT NULL DEFAULT 'active'
);
CREATE INDEX tracking_runs_of_experiment ON tracking_runs (experiment_id, start_time);
CREATE TABLE run_params (
  run_key INTEGER NOT NULL REFERENCES tracking_runs,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (run_key, key)
) WITHOUT ROWID;
CREATE TABLE run_tags (
  run_key INTEGER NOT NULL REFERENCES tracking_runs,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (run_key, key)
) WITHOUT ROWID;
CREATE TABLE run_inputs (
  run_key INTEGER NOT NULL REFERENCES tracking_runs,
  name TEXT NOT NULL,
  digest TEXT NOT NULL,
  input TEXT NOT NULL,
  PRIMARY KEY (run_key, name, digest)
) WITHOUT ROWID;

CREATE TABLE run_metrics (
  metric_key INTEGER PRIMARY KEY,
  run_key INTEGER NOT NULL REFERENCES tracking_runs,
  key TEXT NOT NULL,
  value REAL NOT NULL,
  timestamp INTEGER NOT NULL,
  step INTEGER NOT NULL,
  UNIQUE (run_key, key)
);
CREATE TABLE metric_points (
  metric_key INTEGER NOT NULL REFERENCES run_metrics,
  timestamp INTEGER NOT NULL,
  step INTEGER NOT NULL,
  value REAL NOT NULL,
  PRIMARY KEY (metric_key, timestamp, step, value)
) WITHOUT ROWID;
`;
