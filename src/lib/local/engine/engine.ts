import { messageOf } from '../../errors.js';
import type { Database } from '../store/database.js';
import type { AttemptRecord, RunRecord, SubmittedRun } from '../store/job-records.js';
import type { JobStore } from '../store/jobs.js';
import { newId } from '../store/settings.js';
import { AttemptFolder, type AttemptEnd, type JournalEvent } from '../supervisor/folder.js';
import type { StartSurroundings } from './attempt-start.js';
import { Attendance } from './attendance.js';
import { ApiFailure, invalid, unknownRun } from './errors.js';
import type { Experiments } from './experiments.js';
import { newAttempt } from './new-attempt.js';
import { mlflowStatus, outcomeOf, stoppingMessages, type Outcome } from './outcome.js';
import { RunQueue } from './queue.js';
import { deservesRetry } from './retry.js';
import type { Slots } from './slots.js';
import { readWorkload } from './workload.js';

export interface EngineOptions extends StartSurroundings {
  database: Database;
  jobs: JobStore;
  experiments: Experiments;
  slots: Slots;
  userName: string;
  /** Faults that belong to no run, for the server's log. */
  report: (message: string) => void;
}

/** Before something that the database did not take is tried again. */
const retryMilliseconds = 1000;

/**
 * Queues runs, starts their attempts, and turns what the attempts' files tell into states. Everything it has
 * to know after a restart lies in the database and in those files.
 */
export class Engine {
  private readonly attendance: Attendance;
  private advancing = false;
  readonly queue: RunQueue;

  constructor(private readonly options: EngineOptions) {
    this.queue = new RunQueue(options.jobs, options.slots);
    this.attendance = new Attendance(options, {
      isCancelRequested: (runId) => options.jobs.run(runId)?.cancelRequested ?? false,
      happened: (run, attempt, event) => this.handle(run.runId, attempt.number, event),
      couldNotStart: (run, attempt, outcome) => this.insist(() => this.finish(run, attempt, outcome)),
      report: options.report,
    });
  }

  /** Takes over the runs of an earlier server, then lets the queue move. */
  adopt(): void {
    const { jobs, slots } = this.options;
    const placed = jobs
      .activeRuns()
      .map((run) => ({ run, attempt: jobs.latestAttempt(run.runId) }))
      .filter(({ attempt }) => attempt.lifeCycle !== 'PENDING');
    // All places first: a run that turns out to have ended lets the queue move.
    for (const { run, attempt } of placed) slots.restore(run.runId, attempt.gpus);
    for (const { run, attempt } of placed) this.attend(run, attempt);
    this.advance();
  }

  /** Runs that have not ended. */
  get activeRuns(): number {
    return this.options.jobs.activeRuns().length;
  }

  /** Stops looking; the runs go on. */
  close(): void {
    this.attendance.close();
  }

  /**
   * Accepts a run. A token that is known gives the run it started, whatever else the request says.
   * @throws ApiFailure when the run cannot work here.
   */
  async submit(request: SubmittedRun, token: string | undefined): Promise<string> {
    if (token !== undefined && token.length > 64) {
      throw invalid(`idempotency_token has ${token.length} characters; at most 64 are allowed.`);
    }
    const runId = await this.options.database.grouped(() => this.accept(request, token));
    this.advance();
    return runId;
  }

  private accept(request: SubmittedRun, token: string | undefined): string {
    const { jobs, experiments, userName } = this.options;
    const known = token === undefined ? undefined : jobs.runOfToken(token);
    if (known) return known.runId;
    readWorkload(request, this.options.layout, this.options.secrets);
    const run = {
      runId: newId(),
      jobId: newId(),
      request,
      submittedAt: Date.now(),
      lifeCycle: 'PENDING' as const,
      result: null,
      message: '',
      endedAt: null,
      terminationCode: null,
      cancelRequested: false,
    };
    jobs.insertRun(run, token);
    jobs.insertAttempt(newAttempt(run, 0, experiments, userName));
    return run.runId;
  }

  /** Asks a run to end; one that has ended is left as it is. */
  cancel(runId: string): void {
    const { jobs } = this.options;
    const run = jobs.run(runId);
    if (!run) throw unknownRun(runId);
    if (run.endedAt !== null) return;
    jobs.requestCancel(runId);
    const attempt = jobs.latestAttempt(runId);
    if (attempt.lifeCycle === 'PENDING') {
      this.finish({ ...run, cancelRequested: true }, attempt, outcomeOf({ result: 'canceled' }, undefined));
      return;
    }
    this.markTerminating(run, attempt, stoppingMessages.canceled);
    this.attendance.askToStop(runId, this.folderOf(attempt));
  }

  /** Hides a run that has ended. */
  delete(runId: string): void {
    const run = this.options.jobs.run(runId);
    if (!run) throw unknownRun(runId);
    if (run.endedAt === null) {
      throw new ApiFailure(400, 'INVALID_STATE', `Run ${runId} is active; cancel it before it is deleted.`);
    }
    this.options.jobs.deleteRun(runId);
  }

  folderOf(attempt: Pick<AttemptRecord, 'runId' | 'number'>): AttemptFolder {
    return new AttemptFolder(this.options.layout.attempt(attempt.runId, attempt.number));
  }

  /** Lets the queue move: once for all that call at the same time, and after their requests were answered. */
  private advance(): void {
    if (this.advancing) return;
    this.advancing = true;
    setImmediate(() => {
      this.advancing = false;
      this.insist(() => this.startNext());
    });
  }

  /** Does what may not be left out: a full disk or a locked database only puts it off. */
  private insist(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.options.report(messageOf(error));
      setTimeout(() => this.insist(work), retryMilliseconds);
    }
  }

  private startNext(): void {
    for (const { run, claim } of this.queue.startable()) {
      const attempt = this.options.jobs.latestAttempt(run.runId);
      this.place(run, { ...attempt, gpus: claim.kind === 'gpu' ? claim.gpus : [] });
    }
  }

  /** Gives an attempt its place on the machine. */
  private place(run: RunRecord, attempt: AttemptRecord): void {
    const placed: AttemptRecord = { ...attempt, lifeCycle: 'RUNNING', startedAt: Date.now() };
    try {
      this.options.database.transaction(() => {
        this.options.jobs.updateAttempt(placed);
        this.options.jobs.updateRun(run.runId, { ...progressOf(run), lifeCycle: 'RUNNING', message: '' });
      });
    } catch (error) {
      this.options.slots.release(run.runId);
      throw error;
    }
    this.attend(run, placed);
  }

  private attend(run: RunRecord, attempt: AttemptRecord): void {
    this.attendance.attend(run, attempt, this.folderOf(attempt));
  }

  private handle(runId: string, number: number, event: JournalEvent): void {
    const { jobs } = this.options;
    const run = jobs.run(runId);
    const attempt = jobs.attempt(runId, number);
    if (!run || !attempt || attempt.endedAt !== null) return;
    switch (event.type) {
      case 'started':
        if (attempt.runningAt === null) jobs.updateAttempt({ ...attempt, runningAt: event.at });
        break;
      case 'stopping':
        this.markTerminating(run, attempt, stoppingMessages[event.reason]);
        break;
      case 'end':
        this.finish(
          run,
          attempt,
          outcomeOf(event satisfies AttemptEnd, run.request.timeout_seconds),
          event.at,
        );
        break;
      case 'setup':
      case 'exited':
        break;
    }
  }

  private markTerminating(run: RunRecord, attempt: AttemptRecord, message: string): void {
    this.options.database.transaction(() => {
      this.options.jobs.updateAttempt({ ...attempt, lifeCycle: 'TERMINATING', message });
      this.options.jobs.updateRun(run.runId, { ...progressOf(run), lifeCycle: 'TERMINATING', message });
    });
  }

  /** Records how an attempt ended, then starts the next one or ends the run. */
  private finish(run: RunRecord, attempt: AttemptRecord, outcome: Outcome, at = Date.now()): void {
    const { database, jobs, experiments, slots, userName } = this.options;
    // The clock may have been set back since.
    const endedAt = Math.max(at, attempt.createdAt, attempt.startedAt ?? 0);
    const { lifeCycle, result, message, terminationCode } = outcome;
    const again = deservesRetry(run, attempt, outcome);
    const next = database.transaction(() => {
      jobs.updateAttempt({ ...attempt, lifeCycle, result, message, endedAt });
      experiments.finishRun(attempt.mlflowRunId, mlflowStatus(outcome), endedAt);
      if (again) {
        const retry: AttemptRecord = {
          ...newAttempt(run, attempt.number + 1, experiments, userName),
          lifeCycle: 'RUNNING',
          startedAt: Date.now(),
          gpus: attempt.gpus,
        };
        jobs.insertAttempt(retry);
        jobs.updateRun(run.runId, { ...progressOf(run), lifeCycle: 'RUNNING', message: '' });
        return retry;
      }
      jobs.updateRun(run.runId, { lifeCycle, result, message, endedAt, terminationCode });
      return undefined;
    });
    this.attendance.leave(run.runId);
    if (next) {
      this.attend(run, next);
      return;
    }
    slots.release(run.runId);
    this.advance();
  }
}

function progressOf(run: RunRecord): Pick<RunRecord, 'lifeCycle' | 'result' | 'message' | 'endedAt'> {
  const { lifeCycle, result, message, endedAt } = run;
  return { lifeCycle, result, message, endedAt };
}
