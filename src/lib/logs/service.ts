import { setImmediate as immediate } from 'node:timers/promises';
import { ApiError, type LogPage, type LogRecord, type Workspace } from '../workspace/index.js';
import { Lanes, type Lane } from './lanes.js';
import {
  compareTimes,
  isUntil,
  laterOf,
  lineOf,
  nanosecondsOf,
  secondsOf,
  sortByTime,
  timeOf,
  type LogLine,
} from './line.js';
import { Ordering } from './ordering.js';
import { largestPage, LogPages, type LogScope, type Tail } from './pages.js';
import { SeenRecords } from './seen.js';

/** How far back a look for late records goes, and how often it happens while lines keep coming. */
const lookbackSeconds = 30;
const lookbackEvery = 5000;
/** A look back passes over at most about this many lines again, however fast they come. */
const lookbackLines = 20_000;
const markEvery = 1000;
const defaultTimeout = 10_000;
const smallestPage = 500;
const lanesAtOnce = 8;

export interface ServiceStep {
  readonly lines: LogLine[];
  /** Pages of this pass are left: the next step need not wait. */
  readonly more: boolean;
  /** Why part of the step failed; its lines come with a later one. */
  readonly failure: unknown;
}

/**
 * Reads the log service page by page. A pass runs from some second to the end of what is there; the next one
 * begins at the last second seen, and every few seconds half a minute before it, so that late records are
 * found. What was delivered is not delivered again.
 */
export class LogService {
  private readonly lanes: Lanes;
  private readonly pages: LogPages;
  private readonly ordering: Ordering;
  private readonly seen = new SeenRecords();
  private readonly wanted: ReadonlySet<number> | null;
  private readonly since: string | null;
  private readonly until: string | null;
  private nextLookback = 0;
  /** The times of every thousandth line, as far as a look back may go. */
  private readonly marks: string[] = [];
  private sinceMark = 0;

  constructor(
    workspace: Workspace,
    private readonly scope: LogScope,
    private readonly now: () => number,
    /** Milliseconds for one request. */
    timeout = defaultTimeout,
  ) {
    const { nodes, nodeCount } = scope;
    this.lanes = new Lanes(nodes, nodeCount);
    this.ordering = new Ordering(this.lanes);
    this.pages = new LogPages(workspace, scope, timeout);
    this.wanted = nodes && new Set(nodes);
    this.since = scope.since === null ? null : nanosecondsOf(scope.since);
    this.until = scope.until === null ? null : nanosecondsOf(scope.until);
  }

  /** The next page of every lane, in order of time across them. `thorough` looks for late records too. */
  async step(thorough: boolean): Promise<ServiceStep> {
    if (!this.lanes.inPass) this.beginPass(thorough);
    const failure = await this.readPages(this.openLanes(), thorough);
    const lines = this.ordering.take(!thorough && this.lanes.areApart);
    await this.askAhead(this.openLanes().slice(0, lanesAtOnce));
    const isWhole = !thorough || !this.lanes.mayHideNodes || failure !== undefined;
    return { lines, more: this.lanes.inPass || this.ordering.isHolding || !isWhole, failure };
  }

  private async readPages(lanes: readonly Lane[], thorough: boolean): Promise<unknown> {
    let failure: unknown;
    for (let first = 0; first < lanes.length; first += lanesAtOnce) {
      const group = lanes.slice(first, first + lanesAtOnce);
      const results = await Promise.allSettled(group.map((lane) => this.readPage(lane, thorough)));
      const failed = results.find((result) => result.status === 'rejected');
      failure ??= failed?.reason;
    }
    return failure;
  }

  /**
   * The last `count` lines, oldest first, read from the end backwards. Later steps deliver what came after
   * them, and nothing that came before. A failure leaves everything to be read again.
   */
  async tail(count: number): Promise<{ lines: LogLine[]; cut: boolean }> {
    const tails = await this.tailsOf(this.lanes.active, count);
    for (const { lane, records } of tails) this.lanes.saw(lane, records);
    this.lanes.choose(true, false);
    if (this.lanes.areApart) tails.push(...(await this.tailsOf(this.lanes.active, count)));
    this.seen.beginPass();
    const lines = sortByTime(tails.flatMap(({ lane, records }) => this.accept(lane, records)));
    const kept = lines.slice(-count);
    const oldest = kept[0]?.time;
    const cut = tails.some((tail) => tail.cut) || kept.length < lines.length;
    if (cut && oldest) {
      this.seen.dropUntil(oldest);
      this.marks.splice(0, Infinity, oldest);
    }
    return { lines: kept, cut };
  }

  /** Whether a first page about all nodes leaves one out that has lines of the same time. */
  private async hidesNodes(lane: Lane, page: LogPage): Promise<boolean> {
    const last = page.next_page_token ? timeOf(page.log_records?.at(-1)) : null;
    const firsts = await inGroups(this.lanes.unnamed, ({ node }) => this.pages.first(node, lane.start));
    return firsts.some((first) => first && isUntil(timeOf(first), last));
  }

  private tailsOf(lanes: readonly Lane[], count: number): Promise<(Tail & { lane: Lane })[]> {
    return inGroups(lanes, async (lane) => ({ lane, ...(await this.pages.tail(lane.node, count)) }));
  }

  private beginPass(thorough: boolean): void {
    const lookback = thorough || this.now() >= this.nextLookback;
    if (lookback) this.nextLookback = this.now() + lookbackEvery;
    this.seen.beginPass();
    this.lanes.choose(thorough, lookback);
    for (const lane of this.lanes.active) {
      lane.inPass = true;
      lane.token = undefined;
      lane.reached = null;
      lane.start = this.startOf(lane, lookback);
    }
  }

  private startOf(lane: Lane, lookback: boolean): number | undefined {
    const first = this.scope.since === null ? undefined : Math.floor(this.scope.since / 1000);
    if (lane.highest === null) return first;
    const last = secondsOf(lane.highest);
    if (!lookback) return Math.max(last, first ?? 0);
    const [mark] = this.marks;
    return Math.max(
      last - lookbackSeconds,
      Math.min(mark === undefined ? 0 : secondsOf(mark), last),
      first ?? 0,
    );
  }

  private async readPage(lane: Lane, thorough: boolean): Promise<void> {
    const answer = lane.ahead ?? this.askNext(lane);
    lane.ahead = undefined;
    try {
      const page = await answer;
      const records = page.log_records ?? [];
      this.lanes.saw(lane, records);
      if (
        thorough &&
        lane.token === undefined &&
        this.lanes.mayHideNodes &&
        (await this.hidesNodes(lane, page))
      ) {
        // The pass that asks node by node brings these too, and in order with those of the other nodes.
        lane.inPass = false;
        return;
      }
      const token = page.next_page_token;
      lane.inPass = Boolean(token) && token !== lane.token;
      lane.token = token;
      // While the lines of one lane are looked at and printed, the next ones are on their way.
      if (!this.lanes.areApart) await this.askAhead([lane]);
      lane.waiting = this.accept(lane, records);
    } catch (error) {
      // A page token that is refused is not asked again: the pass starts anew.
      if (error instanceof ApiError && error.status === 400) lane.inPass = false;
      throw error;
    }
  }

  /** Asks for the next pages of these lanes before they are needed. */
  private async askAhead(lanes: readonly Lane[]): Promise<void> {
    const idle = lanes.filter((lane) => lane.inPass && !lane.ahead);
    for (const lane of idle) {
      lane.ahead = this.askNext(lane);
      // Whether it fails is looked at when its turn comes.
      lane.ahead.catch(() => undefined);
    }
    // What is done with the lines keeps the process busy: the requests have to leave before.
    if (idle.length > 0) await immediate();
  }

  private openLanes(): Lane[] {
    return this.lanes.active.filter((lane) => lane.inPass && lane.waiting.length === 0);
  }

  private askNext({ node, start, token }: Lane): Promise<LogPage> {
    const size = Math.max(smallestPage, Math.floor(largestPage / this.lanes.active.length));
    return this.pages.ask({ node, ascending: true, from: start, token, size });
  }

  /** The records that are new and wanted, as lines. */
  private accept(lane: Lane, records: readonly LogRecord[]): LogLine[] {
    const lines: LogLine[] = [];
    for (const record of records) {
      const line = lineOf(record, this.scope.attempt, lane.node ?? 0);
      lane.reached = laterOf(lane.reached, line.time);
      if (this.isWanted(line) && this.seen.add(line, record.record_id)) lines.push(line);
    }
    lane.highest = laterOf(lane.highest, lane.reached);
    this.mark(lines);
    return lines;
  }

  private mark(lines: readonly LogLine[]): void {
    this.sinceMark += lines.length;
    const time = lines.at(-1)?.time;
    if (this.sinceMark < markEvery || !time) return;
    this.sinceMark = 0;
    this.marks.push(time);
    if (this.marks.length > lookbackLines / markEvery) this.marks.shift();
  }

  private isWanted(line: LogLine): boolean {
    if (this.wanted && !this.wanted.has(line.node)) return false;
    if (line.time === null) return true;
    if (this.since && compareTimes(line.time, this.since) < 0) return false;
    return !this.until || compareTimes(line.time, this.until) <= 0;
  }
}

/** Does the work for several at a time. Fails with the first failure. */
async function inGroups<Item, Result>(
  items: readonly Item[],
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  for (let first = 0; first < items.length; first += lanesAtOnce) {
    results.push(...(await Promise.all(items.slice(first, first + lanesAtOnce).map(work))));
  }
  return results;
}
