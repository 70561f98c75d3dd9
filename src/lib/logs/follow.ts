import { AirError } from '../errors.js';
import type { Context } from '../io.js';
import { nodeCountOf } from '../runs/nodes.js';
import { linksOf, verdictOf, type Verdict } from '../runs/verdict.js';
import { RunWatch, type WatchEvent } from '../runs/watch.js';
import type { Run, Workspace } from '../workspace/index.js';
import { AttemptLogs, type AttemptStep } from './attempt.js';
import type { LogLine } from './line.js';
import { checkSelection } from './selection.js';
import { isLongOver, Settling } from './settling.js';
import { noLinesText, WaitingReason } from './no-lines.js';
import { StoredLogs } from './stored/index.js';

export type FollowEvent =
  | WatchEvent
  /** The lines of an attempt are all there, and the next attempt is to come; null: without limit, or not known. */
  | { readonly type: 'retry'; readonly retry: number; readonly of: number | null }
  /** How many nodes' lines are to come, above one when they are interleaved. Comes again when it was too low. */
  | { readonly type: 'nodes'; readonly count: number }
  | { readonly type: 'lines'; readonly lines: readonly LogLine[] }
  /** For people only: a reconnection, a change of source, lines left out. */
  | { readonly type: 'note'; readonly text: string }
  /** Why nothing is printed yet; replaces the one before. */
  | { readonly type: 'waiting'; readonly text: string }
  /** The run has, or had, no lines. */
  | { readonly type: 'empty'; readonly node: number; readonly text: string };

export interface FollowOptions {
  /** An attempt by number; `latest` and all after it; `first` and all after it. */
  readonly attempt: number | 'latest' | 'first';
  /** The nodes wanted; null for all. */
  readonly nodes: readonly number[] | null;
  /** Begin with the last lines; null begins with the first. */
  readonly tail: number | null;
  /** Milliseconds since the epoch. */
  readonly since: number | null;
  readonly until: number | null;
  /** Go on until the run is over; false ends with what is there. */
  readonly follow: boolean;
  /** Milliseconds for one request. */
  readonly requestTimeout?: number;
}

export interface FollowResult {
  readonly run: Run;
  readonly verdict: Verdict;
}

const firstPause = 250;
const longestPause = 2000;
/** Told to a sleep that is no longer needed: making an error for it would cost more than the sleep. */
const wokenUp = new Error('Woken up.');
/** A following that got no answer at all for so long is given up. */
const longestSilence = 15 * 60_000;
const longestSilenceOnce = 60_000;

/**
 * Reads a run's lines and state until the run is over, which only its state can say. Lines come each once, in
 * order of time as far as they arrived in it. Answers the verdict. Throws the signal's reason when stopped.
 */
export async function* followRun(
  workspace: Workspace,
  runId: string,
  options: FollowOptions,
  context: Context,
): AsyncGenerator<FollowEvent, FollowResult> {
  const watch = await RunWatch.open(workspace, runId, context, options.requestTimeout);
  checkSelection(watch.run, options);
  const follower = new Follower(workspace, runId, options, context, watch);
  yield* follower.attempts();
  const links = await linksOf(workspace, watch.run, runId, options.requestTimeout);
  return { run: watch.run, verdict: verdictOf(watch.run, runId, links) };
}

class Follower {
  private printed = false;
  /** As many nodes as the reader was told of. */
  private shown = 1;
  private readonly waiting: WaitingReason;
  /** The latest attempt the reader knows of. */
  private announced = 0;

  constructor(
    private readonly workspace: Workspace,
    private readonly runId: string,
    private readonly options: FollowOptions,
    private readonly context: Context,
    private readonly watch: RunWatch,
  ) {
    this.waiting = new WaitingReason(workspace, context.clock, options.requestTimeout);
  }

  async *attempts(): AsyncGenerator<FollowEvent, void> {
    const { attempt: wanted, follow } = this.options;
    this.shown = this.nodesShown();
    yield { type: 'nodes', count: this.shown };
    let attempt = wanted === 'first' ? 0 : wanted === 'latest' ? this.watch.attempt : wanted;
    this.announced = attempt;
    for (;;) {
      yield* this.oneAttempt(attempt);
      if (typeof wanted === 'number' || this.watch.attempt <= attempt) break;
      attempt++;
      yield* this.retry(attempt);
    }
    if (!this.printed) {
      const { nodes, since, until } = this.options;
      const isWindow = since !== null || until !== null;
      const text = isWindow
        ? `Run ${this.runId} has no lines of that time.`
        : noLinesText(this.runId, this.watch.run);
      yield { type: 'empty', node: nodes?.[0] ?? 0, text };
    }
    if (follow) yield* this.watch.takeEvents();
  }

  /**
   * Announces a retry, once. The run's state may be some attempts ahead of the lines: a retry is told where it
   * stands between them.
   */
  private *retry(attempt: number): Generator<FollowEvent, void> {
    if (typeof this.options.attempt === 'number' || this.announced >= attempt) return;
    this.announced = attempt;
    yield { type: 'retry', retry: attempt, of: this.watch.maxRetries };
  }

  private async *oneAttempt(attempt: number): AsyncGenerator<FollowEvent, void> {
    const { clock } = this.context;
    const { follow } = this.options;
    const logs = this.logsOf(attempt);
    const { local } = this.workspace.target;
    if (yield* this.tailOf(attempt, logs)) return;
    const settling = new Settling(clock, local);
    const beforeRetry = new Settling(clock, local);
    let pause = firstPause;
    for (;;) {
      const started = clock.now();
      const ended = this.watch.attemptEnded(attempt);
      if (ended || !follow) settling.begin(this.watch.run);
      else if (this.watch.awaitsRetry) beforeRetry.begin(this.watch.run);
      const step = await logs.step(ended || !follow);
      settling.saw(step, started);
      beforeRetry.saw(step, started);
      yield* this.eventsOf(step);
      if (beforeRetry.isOver(step)) yield* this.retry(attempt + 1);
      yield* this.stateEvents();
      this.checkSilence(logs);
      if (step.wait !== null) {
        if (settling.isOver(step)) return;
        await this.pauseFor(started + step.wait - clock.now());
        continue;
      }
      if (step.more) continue;
      if (!follow || (ended && settling.isOver(step))) return;
      if (step.lines.length > 0) {
        if (pause > firstPause) this.watch.stir();
        pause = firstPause;
        continue;
      }
      if (pause === firstPause) this.watch.stir();
      await this.pauseFor(started + (ended ? settling.interval : pause) - clock.now());
      pause = Math.min(pause * 2, longestPause);
    }
  }

  /** The last lines, where they are wanted. Answers whether no more can follow them. */
  private async *tailOf(attempt: number, logs: AttemptLogs): AsyncGenerator<FollowEvent, boolean> {
    const { tail, follow } = this.options;
    if (tail === null || this.printed) return false;
    const { local } = this.workspace.target;
    // The tail of a run that was over long before it was asked for is the end of the log.
    const isWhole =
      !follow ||
      (this.watch.attemptEnded(attempt) && isLongOver(this.watch.run, this.context.clock.now(), local));
    for (;;) {
      const step = await logs.tail(tail);
      if (step.cut) yield { type: 'note', text: cutText(step.lines.length) };
      yield* this.eventsOf(step);
      if (step.lines.length > 0 && isWhole) return true;
      if (!step.failed) return false;
      this.checkSilence(logs);
      await this.pauseFor(step.wait ?? firstPause);
    }
  }

  /** One node alone is shown without its number; of several, numbers go up to the run's last node. */
  private nodesShown(): number {
    const { nodes } = this.options;
    if (nodes?.length === 1) return 1;
    return nodeCountOf(this.watch.run) ?? (nodes ? Math.max(...nodes) + 1 : 1);
  }

  private logsOf(attempt: number): AttemptLogs {
    const { runId, workspace, options } = this;
    const stored = new StoredLogs(workspace, () => this.watch.run, attempt, options.nodes);
    const scope = {
      runId,
      attempt,
      nodes: options.nodes,
      nodeCount: nodeCountOf(this.watch.run),
      since: options.since,
      until: options.until,
    };
    return new AttemptLogs(workspace, scope, this.context, stored, options);
  }

  private *eventsOf(step: AttemptStep): Generator<FollowEvent, void> {
    if (step.note !== null) yield { type: 'note', text: step.note };
    if (step.lines.length === 0) return;
    this.printed = true;
    yield* this.furtherNodes(step.lines);
    yield { type: 'lines', lines: step.lines };
  }

  /** Where the run does not tell how many nodes it has, its lines do. */
  private *furtherNodes(lines: readonly LogLine[]): Generator<FollowEvent, void> {
    if (this.options.nodes?.length === 1) return;
    let count = this.shown;
    for (const { node } of lines) count = Math.max(count, node + 1);
    if (count === this.shown) return;
    this.shown = count;
    yield { type: 'nodes', count };
  }

  private *stateEvents(): Generator<FollowEvent, void> {
    if (!this.options.follow) return;
    void this.watch.refresh();
    yield* this.watch.takeEvents();
    if (this.printed || this.watch.over) return;
    this.waiting.ask(this.watch.run);
    const text = this.waiting.take();
    if (text !== undefined) yield { type: 'waiting', text };
  }

  /** Waits, but no longer than until the run's state has changed; reads the state when that is due. */
  private async pauseFor(milliseconds: number): Promise<void> {
    const { clock, signal } = this.context;
    const until = clock.now() + milliseconds;
    for (;;) {
      const left = until - clock.now();
      if (left <= 0 || this.watch.hasEvents) return;
      const read = this.options.follow ? this.watch.refresh() : undefined;
      const stop = new AbortController();
      const sleep = clock.sleep(
        read ? left : Math.min(left, this.watch.dueIn + 1),
        AbortSignal.any([signal, stop.signal]),
      );
      try {
        await Promise.race(read ? [sleep, read] : [sleep]);
      } finally {
        stop.abort(wokenUp);
      }
      signal.throwIfAborted();
    }
  }

  private checkSilence(logs: AttemptLogs): void {
    const { follow } = this.options;
    const last = follow ? Math.max(logs.lastAnswer, this.watch.lastAnswer) : logs.lastAnswer;
    if (this.context.clock.now() - last < (follow ? longestSilence : longestSilenceOnce)) return;
    throw new AirError('INTERNAL_ERROR', `${this.workspace.host} has not answered for a while.`, {
      kind: 'TRANSIENT',
      hint: `The run is not affected. Try again later: air logs ${this.runId}`,
    });
  }
}

function cutText(lines: number): string {
  return lines === 1 ? 'Showing the last line.' : `Showing the last ${lines} lines.`;
}
