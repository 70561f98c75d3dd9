import { randomBytes } from 'node:crypto';
import type { Database, SqlRow, SqlValue } from './database.js';
import type { Experiments, LifecycleStage, SearchQuery, Tag } from './tracking-experiments.js';
import { parseFilter, parseOrdering } from './tracking-filter.js';
import type { MetricSeries } from './tracking-metrics.js';
import { conditionOf, orderOf, runTarget } from './tracking-search.js';
import { invalid, missing, storedText, textOf, type MetricPoint } from './tracking-values.js';

export const trackingStatuses = ['RUNNING', 'SCHEDULED', 'FINISHED', 'FAILED', 'KILLED'] as const;
export type TrackingStatus = (typeof trackingStatuses)[number];

/** The tag that holds a run's name: the name is kept nowhere else. */
export const runNameTag = 'mlflow.runName';

export interface Param {
  key: string;
  value: string;
}

export interface TrackingRun {
  /** 32 hexadecimal digits. */
  runId: string;
  experimentId: string;
  runName: string;
  userId: string;
  status: TrackingStatus;
  /** Milliseconds since the epoch. */
  startTime: number;
  endTime: number | null;
  artifactUri: string;
  lifecycleStage: LifecycleStage;
  params: Param[];
  /** The newest point of each metric. */
  metrics: MetricPoint[];
  tags: Tag[];
  /** Data sets as the client described them. */
  inputs: unknown[];
}

export interface NewRun {
  experimentId: string;
  runName: string;
  userId: string;
  /** Milliseconds since the epoch. */
  startTime: number;
  tags: readonly Tag[];
}

export interface RunRow extends SqlRow {
  run_key: bigint;
  run_id: string;
  experiment_id: bigint;
  user_id: string;
  status: string;
  start_time: bigint;
  end_time: bigint | null;
  lifecycle_stage: string;
}

/** Runs with their parameters and tags. Whatever changes a run asks that it is not deleted. */
export class Runs {
  constructor(
    private readonly database: Database,
    private readonly experiments: Experiments,
    private readonly metrics: MetricSeries,
  ) {}

  /** @returns the new run's id. */
  create(run: NewRun): string {
    const experiment = this.experiments.get(run.experimentId);
    if (experiment.lifecycleStage !== 'active') {
      throw invalid(`Experiment '${run.experimentId}' is deleted: restore it before starting a run in it.`);
    }
    const runId = randomBytes(16).toString('hex');
    this.database.transaction(() => {
      this.database.run(
        `INSERT INTO tracking_runs (run_id, experiment_id, user_id, status, start_time)
         VALUES (?, ?, ?, 'RUNNING', ?)`,
        runId,
        BigInt(run.experimentId),
        run.userId,
        run.startTime,
      );
      const { run_key } = this.row(runId);
      for (const tag of run.tags) this.putTag(run_key, tag);
      if (run.runName) this.putTag(run_key, { key: runNameTag, value: run.runName });
    });
    return runId;
  }

  /** @throws AirError NOT_FOUND */
  get(runId: string): TrackingRun {
    return this.read(this.row(runId));
  }

  /** A page of the runs of some experiments that match, newest first unless ordered otherwise. */
  search(experimentIds: readonly string[], query: SearchQuery): TrackingRun[] {
    const condition = conditionOf(runTarget, parseFilter(query.filter));
    const order = orderOf(runTarget, query.orderBy.map(parseOrdering), 'r.start_time DESC, r.run_id');
    return this.database
      .all<RunRow>(
        `SELECT r.* FROM tracking_runs r
         WHERE r.experiment_id IN (SELECT CAST(value AS INTEGER) FROM json_each(?))
           AND (? = 'all' OR r.lifecycle_stage = ?) ${condition.text}
         ORDER BY ${order.text} LIMIT ? OFFSET ?`,
        JSON.stringify(experimentIds),
        query.stage,
        query.stage,
        ...condition.values,
        ...order.values,
        query.limit,
        query.offset,
      )
      .map((row) => this.read(row));
  }

  update(
    runId: string,
    change: { status?: TrackingStatus; endTime?: number | null; runName?: string },
  ): void {
    this.database.transaction(() => {
      const { run_key } = this.active(runId);
      if (change.status !== undefined) {
        this.database.run('UPDATE tracking_runs SET status = ? WHERE run_key = ?', change.status, run_key);
      }
      if (change.endTime !== undefined) {
        this.database.run('UPDATE tracking_runs SET end_time = ? WHERE run_key = ?', change.endTime, run_key);
      }
      if (change.runName) this.putTag(run_key, { key: runNameTag, value: change.runName });
    });
  }

  setStage(runId: string, stage: LifecycleStage): void {
    this.database.run(
      'UPDATE tracking_runs SET lifecycle_stage = ? WHERE run_key = ?',
      stage,
      this.row(runId).run_key,
    );
  }

  /** Parameters never change: the same value again is fine, another one is an error and nothing is stored. */
  logParams(runId: string, params: readonly Param[]): void {
    this.database.transaction(() => {
      const { run_key } = this.active(runId);
      for (const { key, value } of params) {
        const held = this.database.get<{ value: SqlValue }>(
          'SELECT value FROM run_params WHERE run_key = ? AND key = ?',
          run_key,
          key,
        );
        if (held && textOf(held.value) !== value) {
          throw invalid(
            `Parameter '${key}' of run '${runId}' is already '${textOf(held.value)}'; it cannot become '${value}'.`,
          );
        }
        if (held) continue;
        this.database.run(
          'INSERT INTO run_params (run_key, key, value) VALUES (?, ?, ?)',
          run_key,
          key,
          storedText(value),
        );
      }
    });
  }

  setTags(runId: string, tags: readonly Tag[]): void {
    this.database.transaction(() => {
      const { run_key } = this.active(runId);
      for (const tag of tags) this.putTag(run_key, tag);
    });
  }

  deleteTag(runId: string, key: string): void {
    const { run_key } = this.active(runId);
    const held = this.database.get('SELECT 1 FROM run_tags WHERE run_key = ? AND key = ?', run_key, key);
    if (!held) throw missing(`Run '${runId}' has no tag '${key}'.`);
    this.database.run('DELETE FROM run_tags WHERE run_key = ? AND key = ?', run_key, key);
  }

  /** Keeps a data set as the client described it. */
  logInput(runId: string, dataset: { name: string; digest: string }, input: unknown): void {
    this.database.run(
      'INSERT OR REPLACE INTO run_inputs (run_key, name, digest, input) VALUES (?, ?, ?, ?)',
      this.active(runId).run_key,
      dataset.name,
      dataset.digest,
      JSON.stringify(input),
    );
  }

  row(runId: string): RunRow {
    const row = this.database.get<RunRow>('SELECT * FROM tracking_runs WHERE run_id = ?', runId);
    if (!row) throw missing(`Run '${runId}' not found.`);
    return row;
  }

  /** The row of a run that may be changed. */
  active(runId: string): RunRow {
    const row = this.row(runId);
    if (row.lifecycle_stage !== 'active') throw invalid(`Run '${runId}' is deleted: restore it first.`);
    return row;
  }

  read(row: RunRow): TrackingRun {
    const tags = this.pairs('run_tags', row.run_key);
    const experimentId = String(row.experiment_id);
    return {
      runId: row.run_id,
      experimentId,
      runName: tags.find((tag) => tag.key === runNameTag)?.value ?? '',
      userId: row.user_id,
      status: row.status as TrackingStatus,
      startTime: Number(row.start_time),
      endTime: row.end_time === null ? null : Number(row.end_time),
      artifactUri: `${this.experiments.get(experimentId).artifactLocation}/${row.run_id}/artifacts`,
      lifecycleStage: row.lifecycle_stage === 'deleted' ? 'deleted' : 'active',
      params: this.pairs('run_params', row.run_key),
      metrics: this.metrics.latest(row.run_key),
      tags,
      inputs: this.database
        .all<{ input: string }>('SELECT input FROM run_inputs WHERE run_key = ? ORDER BY name', row.run_key)
        .map(({ input }) => JSON.parse(input) as unknown),
    };
  }

  private putTag(runKey: bigint, tag: Tag): void {
    this.database.run(
      'INSERT OR REPLACE INTO run_tags (run_key, key, value) VALUES (?, ?, ?)',
      runKey,
      tag.key,
      storedText(tag.value),
    );
  }

  private pairs(table: 'run_params' | 'run_tags', runKey: bigint): Tag[] {
    return this.database
      .all<{
        key: string;
        value: SqlValue;
      }>(`SELECT key, value FROM ${table} WHERE run_key = ? ORDER BY key`, runKey)
      .map(({ key, value }) => ({ key, value: textOf(value) }));
  }
}
