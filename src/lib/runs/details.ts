import { idText, type Run } from '../workspace/contract/index.js';
import type { Workspace } from '../workspace/index.js';
import type { Clock } from '../io.js';
import { readConfiguration, type Configuration } from './configuration.js';
import { isOver, latestTask } from './status.js';
import { summarize, type RunSummary } from './summary.js';
import { describeSweep, type Sweep } from './sweep.js';
import { readTracking, type Tracking } from './tracking.js';
import { sweepTask } from './training.js';
import { workspaceIdOf } from './workspace-id.js';

/** One run in full: what `air get run` prints. */
export interface RunDetails extends RunSummary {
  /** Null for a run that is no sweep. */
  sweep: Sweep | null;
  /** The YAML the run was submitted with. */
  configuration: string | null;
}

export interface DetailsReading {
  readonly details: RunDetails;
  readonly over: boolean;
  /** What could not be read; only of things not said by an earlier reading. */
  readonly warnings: readonly string[];
}

/**
 * Reads one run, once or again and again: what cannot change (configuration, MLflow run of an attempt) is asked
 * once. A first reading is three round trips deep: the run beside the caller's workspace id; the outputs, the
 * configuration and the iterations; the MLflow run beside its history.
 */
export class RunReader {
  private configuration: Configuration | undefined;
  private tracked: { attempt: string | null; tracking: Tracking } | undefined;

  constructor(
    private readonly workspace: Workspace,
    private readonly runId: string,
    private readonly clock: Clock,
  ) {}

  /** @throws AirError `NOT_FOUND` for an unknown run, and whatever the run's own answer fails with. */
  async read(): Promise<DetailsReading> {
    const [run, workspaceId] = await Promise.all([
      this.workspace.jobs.get(this.runId),
      workspaceIdOf(this.workspace),
    ]);
    const warnings: string[] = [];
    const [tracking, configuration, sweep] = await Promise.all([
      this.track(run),
      this.configure(run, warnings),
      this.readSweep(run, warnings),
    ]);
    const summary = summarize(
      { ...run, run_id: idText(run.run_id) ?? this.runId },
      { host: this.workspace.host, workspaceId, now: this.clock.now(), tracking },
    );
    return { details: { ...summary, sweep, configuration }, over: isOver(run), warnings };
  }

  private async track(run: Run): Promise<Tracking> {
    const attempt = idText(latestTask(run)?.run_id);
    const known = this.tracked?.attempt === attempt ? this.tracked.tracking : null;
    const tracking = await readTracking(this.workspace, run, known);
    this.tracked = { attempt, tracking };
    return tracking;
  }

  private async configure(run: Run, warnings: string[]): Promise<string | null> {
    if (this.configuration === undefined) {
      this.configuration = await readConfiguration(this.workspace, run);
      warnings.push(...this.configuration.warnings);
    }
    return this.configuration.text;
  }

  private async readSweep(run: Run, warnings: string[]): Promise<Sweep | null> {
    const task = sweepTask(run);
    if (task === undefined) return null;
    const id = idText(task.run_id);
    try {
      const iterations = id === null ? null : ((await this.workspace.jobs.get(id)).iterations ?? []);
      return describeSweep(task, iterations, this.clock.now());
    } catch {
      warnings.push('The iterations of this sweep cannot be read now; its counts can.');
      return describeSweep(task, null, this.clock.now());
    }
  }
}
