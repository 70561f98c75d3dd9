import { messageOf } from '../../errors.js';
import type { AttemptRecord, RunRecord } from '../store/job-records.js';
import type { AttemptFolder, JournalEvent } from '../supervisor/folder.js';
import { startSupervisor, writeAttempt, type StartSurroundings } from './attempt-start.js';
import { ApiFailure } from './errors.js';
import { internalError, outcomeOf, type Outcome } from './outcome.js';
import { AttemptWatch } from './watch.js';

export interface AttendanceEvents {
  /** Whether the end of this run was asked for, by the database as it is now. */
  isCancelRequested: (runId: string) => boolean;
  /** What the attempt's supervisor wrote down; comes again when this throws. */
  happened: (run: RunRecord, attempt: AttemptRecord, event: JournalEvent) => void;
  /** There is no supervisor, and there will be none. */
  couldNotStart: (run: RunRecord, attempt: AttemptRecord, outcome: Outcome) => void;
  /** Faults that the engine need not act on, for the server's log. */
  report: (message: string) => void;
}

/** Sees to it that every attempt that has its place on the machine has a supervisor, and follows it. */
export class Attendance {
  private readonly watches = new Map<string, AttemptWatch>();
  private readonly starting = new Set<string>();

  constructor(
    private readonly surroundings: StartSurroundings,
    private readonly events: AttendanceEvents,
  ) {}

  /** Starts the attempt's supervisor, or takes over the one that an earlier server started. */
  attend(run: RunRecord, attempt: AttemptRecord, folder: AttemptFolder): void {
    if (folder.supervisor() !== undefined) {
      this.watch(run, attempt, folder);
      return;
    }
    if (attempt.runningAt !== null) {
      const outcome = internalError('The folder of the run was removed while it was going.');
      this.events.couldNotStart(run, attempt, outcome);
      return;
    }
    this.starting.add(run.runId);
    writeAttempt(folder, run, attempt, this.surroundings)
      .then(() => {
        startSupervisor(folder);
        this.watch(run, attempt, folder);
      })
      .catch((error: unknown) => this.events.couldNotStart(run, attempt, outcomeOfStart(error)))
      .finally(() => this.starting.delete(run.runId));
  }

  /** Asks the attempt to end. While it is being started there is nothing to stop: it is asked when there is. */
  askToStop(runId: string, folder: AttemptFolder): void {
    if (!this.starting.has(runId)) folder.askToStop();
  }

  /** The run's attempt is over. */
  leave(runId: string): void {
    this.watches.delete(runId);
  }

  /** Stops looking; the attempts go on. */
  close(): void {
    for (const watch of this.watches.values()) watch.close();
    this.watches.clear();
  }

  private watch(run: RunRecord, attempt: AttemptRecord, folder: AttemptFolder): void {
    // A cancel may have come while no server looked, or before there was anything to stop.
    if (this.events.isCancelRequested(run.runId)) folder.askToStop();
    const watch = new AttemptWatch(
      folder,
      (event) => this.events.happened(run, attempt, event),
      (error) => this.events.report(`run ${run.runId}: ${messageOf(error)}`),
    );
    this.watches.set(run.runId, watch);
  }
}

function outcomeOfStart(error: unknown): Outcome {
  return error instanceof ApiFailure
    ? outcomeOf({ result: 'failed', message: error.message }, undefined)
    : internalError(`The attempt could not be started: ${messageOf(error)}`);
}
