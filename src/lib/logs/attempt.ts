import type { Context } from '../io.js';
import type { Workspace } from '../workspace/index.js';
import { Interruption, isGone, shortestRetryDelay, throwIfLasting } from './interruption.js';
import { Ledger } from './ledger.js';
import type { LogLine } from './line.js';
import type { LogScope } from './pages.js';
import { LogService } from './service.js';
import type { StoredLogs } from './stored/index.js';

export interface AttemptStep {
  readonly lines: LogLine[];
  /** More can be had at once. */
  readonly more: boolean;
  /** The source did not answer: what it has comes with a later step. */
  readonly failed: boolean;
  /** Milliseconds to wait before the next step, where the source decides that. */
  readonly wait: number | null;
  /** Something the user should know: a reconnection, a change of source. */
  readonly note: string | null;
  readonly source: 'service' | 'files';
}

export interface AttemptOptions {
  /** Milliseconds for one request to the log service. */
  readonly requestTimeout?: number | undefined;
}

const emptyStepsBeforeFiles = 10;
const filesInterval = 2000;
/** After the end nothing but the upload of the last chunk is waited for. */
const filesIntervalAtEnd = 1000;
const probeInterval = 30_000;
const tailWithoutTimes = 10_000;
/** While the log service answers, files that cannot be read do not hold up the stream. */
const failedTailsOfFiles = 5;

/**
 * The lines of one attempt, from the log service while it answers and from the files stored with the MLflow
 * run while it does not. Passing failures are told, not thrown.
 */
export class AttemptLogs {
  private readonly service: LogService;
  private readonly ledger = new Ledger();
  private readonly interruption: Interruption;
  private source: 'service' | 'files' = 'service';
  private emptySteps = 0;
  private delivered = false;
  /** The files were read from somewhere in the middle, so the service can no longer take over. */
  private filesOnly = false;
  private nextProbe = 0;
  private failedTails = 0;
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
    this.interruption = new Interruption(context.clock);
    if (scope.since !== null) this.ledger.beganInMidLog();
    this.lastAnswer = context.clock.now();
  }

  /** The last `count` lines; the steps that follow bring what comes after them. */
  async tail(count: number): Promise<AttemptStep & { cut: boolean }> {
    try {
      const { lines, cut } = await this.service.tail(count);
      const note = this.answered();
      if (cut) this.ledger.beganInMidLog();
      if (lines.length > 0) return { ...this.stepOf(this.fromService(lines), { note }), cut };
      const step = await this.tailOfFiles(count, silentNote);
      return { ...step, failed: step.failed && ++this.failedTails < failedTailsOfFiles, cut: false };
    } catch (error) {
      this.checkPassing(error);
      const failed = this.noteFailure(error);
      if (!isGone(error) && !this.interruption.hasLasted) return { ...failed, cut: false };
      const step = await this.tailOfFiles(count, awayNote);
      return { ...step, failed: step.failed || (!isGone(error) && step.lines.length === 0), cut: false };
    }
  }

  /** What came since the last step. `thorough` looks for late lines too: the attempt has ended. */
  async step(thorough: boolean): Promise<AttemptStep> {
    return this.source === 'service' ? this.serviceStep(thorough) : this.filesStep(thorough);
  }

  private async serviceStep(thorough: boolean): Promise<AttemptStep> {
    const step = await this.service.step(thorough);
    const lines = this.fromService(step.lines);
    if (step.failure !== undefined) {
      this.checkPassing(step.failure);
      const failed = await this.failedStep(step.failure);
      return { ...failed, lines: [...lines, ...failed.lines] };
    }
    const note = this.answered();
    this.emptySteps = lines.length > 0 || step.more ? 0 : this.emptySteps + 1;
    // No line within a time that was asked for is an answer: stored lines have no times.
    const isWindow = this.scope.since !== null || this.scope.until !== null;
    const isSilent =
      !isWindow && !this.delivered && (thorough || this.emptySteps % emptyStepsBeforeFiles === 0);
    if (this.emptySteps > 0 && isSilent) return this.tryFiles(note);
    return this.stepOf(lines, { more: step.more, note });
  }

  /** Looks whether the stored files hold what the silent service does not. */
  private async tryFiles(note: string | null): Promise<AttemptStep> {
    const { lines, more } = await this.readFiles(false);
    if (lines.length === 0) return this.stepOf([], { note });
    this.changeToFiles();
    return this.stepOf(lines, { more, note: silentNote });
  }

  private async filesStep(thorough: boolean): Promise<AttemptStep> {
    const probed = await this.probeService();
    if (probed) return probed;
    const { lines, more, failed } = await this.readFiles(thorough);
    const wait = more ? null : thorough ? filesIntervalAtEnd : filesInterval;
    return this.stepOf(lines, { more, failed, wait });
  }

  /** Now and then: does the log service answer again? */
  private async probeService(): Promise<AttemptStep | null> {
    const now = this.context.clock.now();
    if (this.filesOnly || now < this.nextProbe) return null;
    this.nextProbe = now + (this.delivered ? probeInterval : filesInterval);
    const probe = await this.service.step(true);
    const lines = this.fromService(probe.lines);
    if (probe.failure !== undefined) {
      this.checkPassing(probe.failure);
      return lines.length > 0 ? this.stepOf(lines) : null;
    }
    this.source = 'service';
    this.answered();
    return this.stepOf(lines, { more: probe.more, note: 'The log service answers again.' });
  }

  private async readFiles(ended: boolean): Promise<{ lines: LogLine[]; more: boolean; failed: boolean }> {
    if (this.scope.since !== null && !this.delivered && !this.filesOnly) {
      return { ...(await this.tailOfFiles(tailWithoutTimes, null)), more: false };
    }
    try {
      const { lines, more, failure } = await this.stored.step(ended);
      if (failure === undefined) this.lastAnswer = this.context.clock.now();
      else this.checkPassing(failure);
      const fresh = lines.filter((line) => this.ledger.fromFile(line.node, line.body));
      this.delivered ||= fresh.length > 0;
      return { lines: fresh, more, failed: failure !== undefined };
    } catch (error) {
      this.checkPassing(error);
      return { lines: [], more: false, failed: !isGone(error) };
    }
  }

  /** The last lines of the stored files. Their lines have no times, so from there on the files alone are read. */
  private async tailOfFiles(count: number, note: string | null): Promise<AttemptStep> {
    try {
      const { lines, failure } = await this.stored.tail(count);
      if (failure !== undefined) throw failure as Error;
      if (lines.length === 0) return this.stepOf([]);
      this.filesOnly = true;
      this.changeToFiles();
      this.delivered = true;
      return this.stepOf(lines, { note: this.scope.since === null ? note : untimedNote });
    } catch (error) {
      this.checkPassing(error);
      return this.stepOf([], { failed: !isGone(error), wait: shortestRetryDelay });
    }
  }

  private async failedStep(error: unknown): Promise<AttemptStep> {
    const failed = this.noteFailure(error);
    if (!isGone(error) && !this.interruption.hasLasted) return failed;
    const files = await this.readFiles(false);
    if (!isGone(error) && files.lines.length === 0) return failed;
    this.changeToFiles();
    const note = files.lines.length > 0 ? awayNote : null;
    const wait = files.more ? null : failed.wait;
    return this.stepOf(files.lines, { more: files.more, failed: files.failed, wait, note });
  }

  private noteFailure(error: unknown): AttemptStep {
    return this.stepOf([], { failed: true, ...this.interruption.failed(error) });
  }

  private changeToFiles(): void {
    this.source = 'files';
    this.interruption.forget();
    this.nextProbe = this.context.clock.now() + (this.delivered ? probeInterval : filesInterval);
  }

  /** The log service answered: says so when the user was told that it did not. */
  private answered(): string | null {
    this.lastAnswer = this.context.clock.now();
    return this.interruption.ended();
  }

  private fromService(lines: readonly LogLine[]): LogLine[] {
    const fresh = lines.filter((line) => this.ledger.fromService(line.node, line.body));
    this.delivered ||= fresh.length > 0;
    return fresh;
  }

  private stepOf(lines: LogLine[], rest: Partial<AttemptStep> = {}): AttemptStep {
    return { lines, more: false, failed: false, wait: null, note: null, source: this.source, ...rest };
  }

  /** Throws what will not pass; after an interrupt its reason, whatever failed because of it. */
  private checkPassing(error: unknown): void {
    this.context.signal.throwIfAborted();
    throwIfLasting(error);
  }
}

const awayNote = 'The log service is not available: reading the lines stored with the MLflow run.';
const silentNote = 'The log service has no lines: reading those stored with the MLflow run.';
const untimedNote = 'Stored lines carry no times, so the time limits do not apply: showing the last lines.';
