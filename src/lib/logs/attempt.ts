import { AirError } from '../errors.js';
import type { Context } from '../io.js';
import { ApiError, type Workspace } from '../workspace/index.js';
import type { StoredLogs } from './files.js';
import { Ledger } from './ledger.js';
import type { LogLine } from './line.js';
import { LogService, type LogScope } from './service.js';

export interface AttemptStep {
  readonly lines: LogLine[];
  /** More can be had at once. */
  readonly more: boolean;
  /** Milliseconds to wait before the next step, when the step failed. */
  readonly wait: number | null;
  /** Something the user should know: a reconnection, a change of source. */
  readonly note: string | null;
}

export interface AttemptOptions {
  /** Milliseconds for one request to the log service. */
  readonly requestTimeout?: number;
}

/** The log service is given up for stored files after this many failures in a row, and this long. */
const failuresBeforeFiles = 5;
const outageBeforeFiles = 10_000;
const retryDelays = [250, 500, 1000, 2000, 3000];
const longestRetryAfter = 60_000;
const emptyStepsBeforeFiles = 10;
const filesInterval = 2000;
const probeInterval = 30_000;

/**
 * The lines of one attempt, from the log service while it answers and from the files stored with the MLflow
 * run while it does not. Passing failures are told, not thrown.
 */
export class AttemptLogs {
  private readonly service: LogService;
  private readonly ledger = new Ledger(true);
  private source: 'service' | 'files' = 'service';
  private failures = 0;
  private failingSince = 0;
  private announced = false;
  private emptySteps = 0;
  private delivered = false;
  private nextProbe = 0;
  /** When a source last answered, in milliseconds since the epoch. */
  lastAnswer: number;

  constructor(
    workspace: Workspace,
    private readonly scope: LogScope,
    private readonly context: Context,
    private readonly stored: StoredLogs,
    options: AttemptOptions = {},
  ) {
    this.service = new LogService(workspace, scope, () => context.clock.now(), options.requestTimeout);
    if (scope.since !== null) this.ledger.beganInMidLog();
    this.lastAnswer = context.clock.now();
  }

  /** The last `count` lines; the steps that follow bring what comes after them. */
  async tail(count: number): Promise<AttemptStep & { cut: boolean }> {
    try {
      const { lines, cut } = await this.service.tail(count);
      this.answered();
      if (lines.length > 0) {
        if (cut) this.ledger.beganInMidLog();
        this.delivered = true;
        for (const line of lines) this.ledger.fromService(line.node, line.body);
        return { lines, cut, more: false, wait: null, note: null };
      }
    } catch (error) {
      if (!this.isPassing(error) && !isGone(error)) throw error;
      return { ...(await this.failed(error)), cut: false };
    }
    return { lines: [], cut: false, more: false, wait: null, note: null };
  }

  /** What came since the last step. `thorough` looks for late lines too: the attempt has ended. */
  async step(thorough: boolean): Promise<AttemptStep> {
    return this.source === 'service' ? this.serviceStep(thorough) : this.filesStep(thorough);
  }

  private async serviceStep(thorough: boolean): Promise<AttemptStep> {
    const step = await this.service.step(thorough);
    const lines = step.lines.filter((line) => this.ledger.fromService(line.node, line.body));
    this.delivered ||= lines.length > 0;
    if (step.failure !== undefined) {
      const failed = await this.failed(step.failure);
      return { ...failed, lines: [...lines, ...failed.lines] };
    }
    const note = this.answered();
    this.emptySteps = lines.length > 0 || step.more ? 0 : this.emptySteps + 1;
    const isSilent = !this.delivered && (thorough || this.emptySteps % emptyStepsBeforeFiles === 0);
    if (lines.length === 0 && !step.more && isSilent) return this.tryFiles(note);
    return { lines, more: step.more, wait: null, note };
  }

  private async filesStep(thorough: boolean): Promise<AttemptStep> {
    const now = this.context.clock.now();
    if (now >= this.nextProbe && !thorough) {
      this.nextProbe = now + (this.delivered ? probeInterval : filesInterval);
      const probe = await this.service.step(true);
      if (probe.failure === undefined) {
        this.source = 'service';
        const lines = probe.lines.filter((line) => this.ledger.fromService(line.node, line.body));
        this.answered();
        return { lines, more: probe.more, wait: null, note: 'The log service answers again.' };
      }
    }
    const step = await this.readFiles(thorough);
    return { ...step, wait: step.more || thorough ? step.wait : filesInterval };
  }

  /** Looks whether the stored files hold what the silent service does not. */
  private async tryFiles(note: string | null): Promise<AttemptStep> {
    const step = await this.readFiles(false);
    if (step.lines.length === 0) return { ...step, wait: null, note };
    this.source = 'files';
    this.nextProbe = this.context.clock.now() + probeInterval;
    return { ...step, note: 'The log service has no lines: reading those stored with the MLflow run.' };
  }

  private async readFiles(ended: boolean): Promise<AttemptStep> {
    try {
      const { lines, more } = await this.stored.step(ended);
      const fresh = lines.filter((line) => this.ledger.fromFile(line.node, line.body));
      this.delivered ||= fresh.length > 0;
      this.lastAnswer = this.context.clock.now();
      return { lines: fresh, more, wait: null, note: null };
    } catch (error) {
      if (!this.isPassing(error) && !isGone(error)) throw error;
      return { lines: [], more: false, wait: retryDelays.at(-1) ?? null, note: null };
    }
  }

  private async failed(error: unknown): Promise<AttemptStep> {
    const gone = isGone(error);
    if (!gone && !this.isPassing(error)) throw error;
    const now = this.context.clock.now();
    if (this.failures++ === 0) this.failingSince = now;
    const outage = now - this.failingSince;
    const wait = delayAfter(error, this.failures);
    if (gone || (this.failures >= failuresBeforeFiles && outage >= outageBeforeFiles)) {
      const step = await this.readFiles(false);
      if (gone || step.lines.length > 0) {
        this.source = 'files';
        this.nextProbe = now + (step.lines.length > 0 ? probeInterval : filesInterval);
        this.failures = 0;
        const note = 'The log service is not available: reading the lines stored with the MLflow run.';
        return { ...step, wait: step.more ? null : wait, note: step.lines.length > 0 ? note : null };
      }
    }
    const isFirst = !this.announced && this.failures >= 2;
    this.announced ||= isFirst;
    const note = isFirst ? `The log stream was interrupted (${messageOf(error)}) Reconnecting...` : null;
    return { lines: [], more: false, wait, note };
  }

  /** A source answered: says so when the user was told that none did. */
  private answered(): string | null {
    this.lastAnswer = this.context.clock.now();
    this.failures = 0;
    const note = this.announced ? 'Reconnected: no line is lost.' : null;
    this.announced = false;
    return note;
  }

  private isPassing(error: unknown): boolean {
    this.context.signal.throwIfAborted();
    if (!(error instanceof AirError) || error.code === 'UNAUTHENTICATED') return false;
    // Status 400 refuses a page token; what is no answer of the API is a broken or truncated one.
    const isRefusedPage = error instanceof ApiError && error.status === 400;
    return error.kind === 'TRANSIENT' || isRefusedPage || !(error instanceof ApiError);
  }
}

/** Whether the log service does not exist here, or not for this run. */
function isGone(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return (
    error.status === 404 ||
    error.status === 403 ||
    error.errorCode === 'FEATURE_DISABLED' ||
    error.errorCode === 'ENDPOINT_NOT_FOUND'
  );
}

function delayAfter(error: unknown, failures: number): number {
  const asked = error instanceof ApiError ? error.retryAfter : undefined;
  if (asked !== undefined) return Math.min(asked, longestRetryAfter);
  return retryDelays[Math.min(failures, retryDelays.length) - 1] ?? 0;
}

function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
