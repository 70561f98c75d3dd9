import { AirError } from '../errors.js';
import type { Context } from '../io.js';
import { ApiError, type Run, type Workspace } from '../workspace/index.js';
import { attemptNumber, isOver, latestTask, statusWord } from './status.js';

export interface WatchEvent {
  readonly type: 'status';
  readonly status: string;
  readonly previous: string | null;
}

const defaultTimeout = 15_000;
const shortestInterval = 500;
const longestInterval = 4000;
const openingDelays = [250, 500, 1000];

/**
 * The state of one run, read again and again in the background. A state is only what the API said; a read
 * that fails for a passing reason leaves the last state as it is and is tried again.
 */
export class RunWatch {
  private reading: Promise<void> | undefined;
  private nextRead: number;
  private interval = shortestInterval;
  private events: WatchEvent[] = [];
  private fault: AirError | undefined;
  /** When the API last told the state, in milliseconds since the epoch. */
  lastAnswer: number;

  private constructor(
    private readonly workspace: Workspace,
    private readonly runId: string,
    private readonly context: Context,
    private state: Run,
    private readonly timeout: number,
  ) {
    this.lastAnswer = context.clock.now();
    this.nextRead = this.lastAnswer + this.interval;
    this.events.push({ type: 'status', status: statusWord(state), previous: null });
  }

  /**
   * Reads the state once; throws what `jobs.get` throws, NOT_FOUND among it. An error that may pass is no
   * reason to give up a run that was just submitted: it is asked again a few times.
   */
  static async open(
    workspace: Workspace,
    runId: string,
    context: Context,
    timeout = defaultTimeout,
  ): Promise<RunWatch> {
    for (const delay of openingDelays) {
      try {
        return new RunWatch(workspace, runId, context, await workspace.jobs.get(runId, { timeout }), timeout);
      } catch (error) {
        if (!(error instanceof ApiError) || error.kind !== 'TRANSIENT') throw error;
        await context.clock.sleep(delay, context.signal);
      }
    }
    return new RunWatch(workspace, runId, context, await workspace.jobs.get(runId, { timeout }), timeout);
  }

  get run(): Run {
    return this.state;
  }

  get attempt(): number {
    return attemptNumber(this.state);
  }

  get over(): boolean {
    return isOver(this.state);
  }

  /** Whether this attempt can write no more lines: the run is over, or a later attempt has begun. */
  attemptEnded(attempt: number): boolean {
    return this.over || this.attempt > attempt;
  }

  /** Whether the latest attempt has ended, and the next one has not begun. */
  get awaitsRetry(): boolean {
    return !this.over && latestTask(this.state)?.state?.life_cycle_state === 'WAITING_FOR_RETRY';
  }

  /** How many retries the run may have; null when that is not known, or without limit. */
  get maxRetries(): number | null {
    const limit = latestTask(this.state)?.max_retries ?? -1;
    return limit < 0 ? null : limit;
  }

  /** Changes since the last call. Throws when the run cannot be read any more. */
  takeEvents(): WatchEvent[] {
    if (this.fault) throw this.fault;
    const events = this.events;
    this.events = [];
    return events;
  }

  /** The run is doing something: its state may change soon. */
  stir(): void {
    this.interval = shortestInterval;
    this.nextRead = Math.min(this.nextRead, this.context.clock.now() + this.interval);
  }

  /** Whether there is something to tell. */
  get hasEvents(): boolean {
    return this.events.length > 0 || this.fault !== undefined;
  }

  /** Milliseconds until the next read is due. */
  get dueIn(): number {
    return this.over ? Infinity : Math.max(0, this.nextRead - this.context.clock.now());
  }

  /** Starts a read if one is due, and answers the read under way, which never rejects. */
  refresh(): Promise<void> | undefined {
    if (!this.over && !this.reading && this.context.clock.now() >= this.nextRead) {
      this.reading = this.read().finally(() => (this.reading = undefined));
    }
    return this.reading;
  }

  private async read(): Promise<void> {
    try {
      const run = await this.workspace.jobs.get(this.runId, { retry: 'never', timeout: this.timeout });
      this.lastAnswer = this.context.clock.now();
      this.note(run);
    } catch (error) {
      if (!(error instanceof AirError) || error.kind !== 'TRANSIENT') {
        this.fault = error instanceof AirError ? error : new AirError('INTERNAL_ERROR', String(error));
      }
    }
    this.nextRead = this.context.clock.now() + this.interval;
    this.interval = Math.min(this.interval * 1.6, longestInterval);
  }

  private note(run: Run): void {
    const previous = statusWord(this.state);
    const status = statusWord(run);
    this.state = run;
    if (status !== previous) {
      this.events.push({ type: 'status', status, previous });
      this.interval = shortestInterval;
    }
  }
}
