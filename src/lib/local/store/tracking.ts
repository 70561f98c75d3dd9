import type { Database } from './database.js';
import { Experiments } from './tracking-experiments.js';
import { MetricSeries } from './tracking-metrics.js';
import type { MetricPoint } from './tracking-values.js';
import { Runs, type NewRun, type Param, type TrackingStatus } from './tracking-runs.js';
import type { Tag } from './tracking-experiments.js';

export { trackingSchema } from './tracking-schema.js';

/** MLflow tracking of the local workspace: experiments, their runs, and what runs log. */
export class Tracking {
  readonly experiments: Experiments;
  readonly runs: Runs;
  readonly metrics: MetricSeries;

  constructor(
    private readonly database: Database,
    now: () => number = Date.now,
  ) {
    this.experiments = new Experiments(database, now);
    this.metrics = new MetricSeries(database);
    this.runs = new Runs(database, this.experiments, this.metrics);
  }

  /** The id of the experiment of this name, which is made or restored if need be. */
  ensureExperiment(name: string): string {
    return this.experiments.ensure(name);
  }

  /** Starts a run. Times are milliseconds since the epoch. @returns its id, 32 hexadecimal digits. */
  createRun(run: NewRun): string {
    return this.runs.create(run);
  }

  /** Ends a run, also one that the workload has ended already: the last word is the caller's. */
  finishRun(runId: string, status: TrackingStatus, endTime: number): void {
    this.runs.update(runId, { status, endTime });
  }

  /** All that a run logged at once: all of it or nothing. What many nodes log at the same moment shares a commit. */
  logBatch(
    runId: string,
    batch: { metrics?: readonly MetricPoint[]; params?: readonly Param[]; tags?: readonly Tag[] },
  ): Promise<void> {
    return this.database.grouped(() => {
      const { run_key } = this.runs.active(runId);
      if (batch.params?.length) this.runs.logParams(runId, batch.params);
      if (batch.metrics?.length) this.metrics.log(run_key, batch.metrics);
      if (batch.tags?.length) this.runs.setTags(runId, batch.tags);
    });
  }
}
