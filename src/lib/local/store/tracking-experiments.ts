import { AirError } from '../../errors.js';
import type { Database, SqlValue } from './database.js';
import { parseFilter, parseOrdering } from './tracking-filter.js';
import { conditionOf, experimentTarget, orderOf } from './tracking-search.js';
import { invalid, missing, storedText, textOf } from './tracking-values.js';

export interface Tag {
  key: string;
  value: string;
}

export type LifecycleStage = 'active' | 'deleted';

export interface SearchQuery {
  /** MLflow's filter language; empty for everything. */
  filter: string;
  orderBy: readonly string[];
  stage: LifecycleStage | 'all';
  limit: number;
  offset: number;
}

export interface Experiment {
  experimentId: string;
  name: string;
  /** Where the artifacts of its runs live; below it, one folder per run. */
  artifactLocation: string;
  lifecycleStage: LifecycleStage;
  /** Milliseconds since the epoch. */
  creationTime: number;
  lastUpdateTime: number;
  tags: Tag[];
}

type ExperimentRow = {
  experiment_id: bigint;
  name: string;
  artifact_location: string | null;
  lifecycle_stage: string;
  creation_time: bigint;
  last_update_time: bigint;
};

/** The experiments of the workspace. Names are unique, deleted experiments included. */
export class Experiments {
  constructor(
    private readonly database: Database,
    private readonly now: () => number,
  ) {}

  /**
   * @returns the new experiment's id.
   * @throws AirError CONFLICT when the name is taken.
   */
  create(name: string, options: { artifactLocation?: string; tags?: readonly Tag[] } = {}): string {
    if (name.trim() === '') throw invalid('An experiment needs a name.');
    const taken = this.named(name);
    if (taken) {
      const state = taken.lifecycleStage === 'deleted' ? ' in deleted state' : '';
      throw new AirError('CONFLICT', `Experiment '${name}' already exists${state}.`);
    }
    const now = this.now();
    return this.database.transaction(() => {
      const row = this.database.get<{ experiment_id: bigint }>(
        `INSERT INTO experiments (name, artifact_location, creation_time, last_update_time)
         VALUES (?, ?, ?, ?) RETURNING experiment_id`,
        name,
        options.artifactLocation ?? null,
        now,
        now,
      );
      const experimentId = String(row?.experiment_id);
      for (const tag of options.tags ?? []) this.setTag(experimentId, tag);
      return experimentId;
    });
  }

  /** The id of the experiment of this name, which is made or restored if need be. */
  ensure(name: string): string {
    const found = this.named(name);
    if (!found) return this.create(name);
    if (found.lifecycleStage === 'deleted') this.setStage(found.experimentId, 'active');
    return found.experimentId;
  }

  /** @throws AirError NOT_FOUND */
  get(experimentId: string): Experiment {
    const row = /^\d{1,18}$/.test(experimentId)
      ? this.database.get<ExperimentRow>(
          'SELECT * FROM experiments WHERE experiment_id = ?',
          BigInt(experimentId),
        )
      : undefined;
    if (!row) throw missing(`Experiment '${experimentId}' does not exist.`);
    return this.read(row);
  }

  named(name: string): Experiment | undefined {
    const row = this.database.get<ExperimentRow>('SELECT * FROM experiments WHERE name = ?', name);
    return row && this.read(row);
  }

  /** A page of the active, deleted or all experiments that match, newest first unless ordered otherwise. */
  search(query: SearchQuery): Experiment[] {
    const condition = conditionOf(experimentTarget, parseFilter(query.filter));
    const order = orderOf(
      experimentTarget,
      query.orderBy.map(parseOrdering),
      'e.creation_time DESC, e.experiment_id DESC',
    );
    return this.database
      .all<ExperimentRow>(
        `SELECT e.* FROM experiments e WHERE (? = 'all' OR e.lifecycle_stage = ?) ${condition.text}
         ORDER BY ${order.text} LIMIT ? OFFSET ?`,
        query.stage,
        query.stage,
        ...condition.values,
        ...order.values,
        query.limit,
        query.offset,
      )
      .map((row) => this.read(row));
  }

  rename(experimentId: string, name: string): void {
    if (this.get(experimentId).lifecycleStage !== 'active') {
      throw invalid(`Experiment '${experimentId}' is deleted and cannot be renamed.`);
    }
    const taken = this.named(name);
    if (taken && taken.experimentId !== experimentId) {
      throw new AirError('CONFLICT', `Experiment '${name}' already exists.`);
    }
    this.database.run(
      'UPDATE experiments SET name = ?, last_update_time = ? WHERE experiment_id = ?',
      name,
      this.now(),
      BigInt(experimentId),
    );
  }

  setStage(experimentId: string, stage: LifecycleStage): void {
    this.get(experimentId);
    this.database.run(
      'UPDATE experiments SET lifecycle_stage = ?, last_update_time = ? WHERE experiment_id = ?',
      stage,
      this.now(),
      BigInt(experimentId),
    );
  }

  setTag(experimentId: string, tag: Tag): void {
    this.get(experimentId);
    this.database.run(
      'INSERT OR REPLACE INTO experiment_tags (experiment_id, key, value) VALUES (?, ?, ?)',
      BigInt(experimentId),
      tag.key,
      storedText(tag.value),
    );
  }

  deleteTag(experimentId: string, key: string): void {
    this.get(experimentId);
    this.database.run(
      'DELETE FROM experiment_tags WHERE experiment_id = ? AND key = ?',
      BigInt(experimentId),
      key,
    );
  }

  private read(row: ExperimentRow): Experiment {
    const experimentId = String(row.experiment_id);
    return {
      experimentId,
      name: row.name,
      artifactLocation: row.artifact_location ?? `mlflow-artifacts:/${experimentId}`,
      lifecycleStage: row.lifecycle_stage === 'deleted' ? 'deleted' : 'active',
      creationTime: Number(row.creation_time),
      lastUpdateTime: Number(row.last_update_time),
      tags: this.database
        .all<{
          key: string;
          value: SqlValue;
        }>('SELECT key, value FROM experiment_tags WHERE experiment_id = ? ORDER BY key', row.experiment_id)
        .map(({ key, value }) => ({ key, value: textOf(value) })),
    };
  }
}
