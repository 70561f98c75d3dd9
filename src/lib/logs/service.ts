import { ApiError, type LogPage, type Workspace } from '../workspace/index.js';
import { compareTimes, lineOf, nanosecondsOf, secondsOf, sortByTime, type LogLine } from './line.js';
import { SeenRecords } from './seen.js';

/** How far back a look for late records goes, and how often it happens while lines keep coming. */
const lookbackSeconds = 30;
const lookbackEvery = 5000;
/** A look back passes over at most about this many lines again, however fast they come. */
const lookbackLines = 20_000;
const markEvery = 1000;
const defaultTimeout = 10_000;
const linesInFlight = 8000;
const smallestPage = 500;

/** The part of a run's log that is wanted. */
export interface LogScope {
  readonly runId: string;
  readonly attempt: number;
  /** The nodes wanted; null for all. */
  readonly nodes: readonly number[] | null;
  /** How many nodes the run has; null when unknown. */
  readonly nodeCount: number | null;
  /** Milliseconds since the epoch. */
  readonly since: number | null;
  readonly until: number | null;
}

export interface ServiceStep {
  readonly lines: LogLine[];
  /** Pages of this pass are left: the next step need not wait. */
  readonly more: boolean;
  /** Why part of the step failed; its lines come with a later one. */
  readonly failure: unknown;
}

/** One series of requests: the lines of one node, or of all nodes together. */
interface Lane {
  readonly node: number | undefined;
  /** Whether a pass is under way: its next page is asked with `token`. */
  inPass: boolean;
  token: string | undefined;
  /** Seconds since the epoch at which the pass began to read. */
  start: number | undefined;
  /** The latest time of the last page of this pass. */
  reached: string | null;
  highest: string | null;
  /** Lines that wait until the other lanes have reached their time. */
  waiting: LogLine[];
}

/**
 * Reads the log service page by page. A pass runs from some second to the end of what is there; the next one
 * begins at the last second seen, and every few seconds half a minute before it, so that late records are
 * found. What was delivered is not delivered again.
 */
export class LogService {
  private lanes: Lane[];
  private readonly seen = new SeenRecords();
  private readonly named = new Set<number>();
  private readonly wanted: ReadonlySet<number> | null;
  private readonly since: string | null;
  private readonly until: string | null;
  private nextLookback = 0;
  /** The times of every thousandth line, as far as a look back may go. */
  private readonly marks: string[] = [];
  private sinceMark = 0;

  constructor(
    private readonly workspace: Workspace,
    private readonly scope: LogScope,
    private readonly now: () => number,
    private readonly timeout = defaultTimeout,
  ) {
    const { nodes } = scope;
    this.lanes = [newLane(nodes?.length === 1 ? nodes[0] : undefined)];
    this.wanted = nodes && new Set(nodes);
    this.since = scope.since === null ? null : nanosecondsOf(scope.since);
    this.until = scope.until === null ? null : nanosecondsOf(scope.until);
  }

  /** The next page of every lane, in order of time across them. `thorough` looks for late records too. */
  async step(thorough: boolean): Promise<ServiceStep> {
    if (!this.inPass) this.beginPass(thorough);
    const open = this.lanes.filter((lane) => lane.inPass && lane.waiting.length === 0);
    const results = await Promise.allSettled(open.map((lane) => this.readPage(lane)));
    const failed = results.find((result) => result.status === 'rejected');
    if (!this.inPass) this.askNodeByNodeIfNeeded();
    return { lines: this.takeOrdered(), more: this.inPass, failure: failed?.reason };
  }

  /**
   * The last `count` lines, oldest first, read from the end backwards. Later steps deliver what came after
   * them, and nothing that came before.
   */
  async tail(count: number): Promise<{ lines: LogLine[]; cut: boolean }> {
    let tails = await Promise.all(this.lanes.map((lane) => this.tailOf(lane, count)));
    if (this.askNodeByNodeIfNeeded()) {
      tails = await Promise.all(this.lanes.map((lane) => this.tailOf(lane, count)));
    }
    const lines = sortByTime(tails.flatMap((tail) => tail.lines));
    const kept = lines.slice(-count);
    const oldest = kept[0]?.time;
    const cut = tails.some((tail) => tail.cut) || kept.length < lines.length;
    if (cut && oldest) {
      this.seen.dropUntil(oldest);
      this.marks.splice(0, Infinity, oldest);
    }
    return { lines: kept, cut };
  }

  private get inPass(): boolean {
    return this.lanes.some((lane) => lane.inPass);
  }

  private beginPass(thorough: boolean): void {
    const lookback = thorough || this.now() >= this.nextLookback;
    if (lookback) this.nextLookback = this.now() + lookbackEvery;
    this.seen.beginPass();
    for (const lane of this.lanes) {
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

  private async readPage(lane: Lane): Promise<void> {
    const page = await this.ask(lane, { ascending: true, from: lane.start });
    for (const line of this.accept(lane, page)) lane.waiting.push(line);
    const token = page.next_page_token;
    lane.inPass = Boolean(token) && token !== lane.token;
    lane.token = token;
  }

  private async ask(
    lane: Lane,
    query: { ascending: boolean; from: number | undefined; pageSize?: number },
  ): Promise<LogPage> {
    const { runId, attempt, until } = this.scope;
    const pageSize = query.pageSize ?? Math.max(smallestPage, Math.floor(linesInFlight / this.lanes.length));
    try {
      return await this.workspace.training.logs(
        runId,
        {
          ascending: query.ascending,
          attempt,
          pageSize,
          ...(query.from === undefined ? {} : { from: query.from }),
          ...(until === null ? {} : { to: Math.ceil(until / 1000) }),
          ...(lane.token === undefined ? {} : { pageToken: lane.token }),
          ...(lane.node === undefined ? {} : { node: lane.node }),
        },
        { retry: 'never', timeout: this.timeout },
      );
    } catch (error) {
      // A page token that is refused is not asked again: the pass starts anew.
      if (error instanceof ApiError && error.status === 400) lane.inPass = false;
      throw error;
    }
  }

  /** The records of a page that are new and wanted. */
  private accept(lane: Lane, page: LogPage): LogLine[] {
    const lines: LogLine[] = [];
    for (const record of page.log_records ?? []) {
      const line = lineOf(record, this.scope.attempt, lane.node ?? 0);
      if (record.node_index !== undefined) this.named.add(record.node_index);
      if (line.time !== null) {
        if (!lane.reached || compareTimes(line.time, lane.reached) > 0) lane.reached = line.time;
        if (!lane.highest || compareTimes(line.time, lane.highest) > 0) lane.highest = line.time;
      }
      if (this.isWanted(line) && this.seen.add(line, record.record_id)) lines.push(line);
    }
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

  /** Lines up to the time that every lane still on its way has reached. */
  private takeOrdered(): LogLine[] {
    const bound = this.lanes.reduce<string | null>((earliest, { inPass, reached }) => {
      if (!inPass || !reached) return earliest;
      return !earliest || compareTimes(reached, earliest) < 0 ? reached : earliest;
    }, null);
    const ready: LogLine[] = [];
    for (const lane of this.lanes) {
      const waiting: LogLine[] = [];
      for (const line of lane.waiting) {
        const isReady = !bound || !line.time || compareTimes(line.time, bound) <= 0;
        (isReady ? ready : waiting).push(line);
      }
      lane.waiting = waiting;
    }
    return sortByTime(ready);
  }

  /**
   * A service that answers a question about all nodes with one node only is asked node by node from then on.
   * What was delivered stays known, so nothing is repeated.
   */
  private askNodeByNodeIfNeeded(): boolean {
    const { nodes, nodeCount } = this.scope;
    const [lane] = this.lanes;
    const all = nodes ?? Array.from({ length: nodeCount ?? 1 }, (_, node) => node);
    const namesOneOfMany = this.named.size === 1 && (nodeCount ?? 1) > 1;
    if (this.lanes.length > 1 || lane?.node !== undefined || all.length < 2 || !namesOneOfMany) return false;
    this.lanes = all.map(newLane);
    return true;
  }

  private async tailOf(lane: Lane, count: number): Promise<{ lines: LogLine[]; cut: boolean }> {
    const pages: LogLine[][] = [];
    let collected = 0;
    lane.token = undefined;
    this.seen.beginPass();
    do {
      const page = await this.ask(lane, {
        ascending: false,
        from: undefined,
        pageSize: Math.min(count, linesInFlight),
      });
      const lines = this.accept(lane, page);
      pages.push(lines.reverse());
      collected += lines.length;
      const token = page.next_page_token;
      lane.token = token === lane.token ? undefined : token || undefined;
    } while (lane.token !== undefined && collected < count);
    const cut = lane.token !== undefined;
    lane.token = undefined;
    return { lines: pages.reverse().flat(), cut };
  }
}

function newLane(node: number | undefined): Lane {
  return {
    node,
    inPass: false,
    token: undefined,
    start: undefined,
    reached: null,
    highest: null,
    waiting: [],
  };
}
