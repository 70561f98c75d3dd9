import { AirError } from '../errors.js';
import type { LogPage, LogRecord, Workspace } from '../workspace/index.js';
import { isUntil, timeOf } from './line.js';

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

export interface PageQuery {
  /** Undefined for all nodes together. */
  readonly node: number | undefined;
  readonly ascending: boolean;
  /** Seconds since the epoch. */
  readonly from: number | undefined;
  readonly token: string | undefined;
  readonly size: number;
}

/** The end of a log, oldest first. `cut`: there is more before it. */
export interface Tail {
  readonly records: readonly LogRecord[];
  readonly cut: boolean;
}

export const largestPage = 4000;

/** Asks the log service for pages. Each request is sent once: what fails is asked again with a later step. */
export class LogPages {
  constructor(
    private readonly workspace: Workspace,
    private readonly scope: LogScope,
    /** Milliseconds for one request. */
    private readonly timeout: number,
  ) {}

  async ask({ node, ascending, from, token, size }: PageQuery): Promise<LogPage> {
    const { runId, attempt, until } = this.scope;
    return this.workspace.training.logs(
      runId,
      {
        ascending,
        attempt,
        pageSize: size,
        ...(from === undefined ? {} : { from }),
        ...(until === null ? {} : { to: Math.ceil(until / 1000) }),
        ...(token === undefined ? {} : { pageToken: token }),
        ...(node === undefined ? {} : { node }),
      },
      { retry: 'never', timeout: this.timeout },
    );
  }

  /** The first record from a second on; undefined when there is none. */
  async first(node: number | undefined, from: number | undefined): Promise<LogRecord | undefined> {
    const page = await this.ask({ node, ascending: true, from, token: undefined, size: 1 });
    return page.log_records?.[0];
  }

  /** At least the last `count` records, if there are as many, read from the end backwards. */
  async tail(node: number | undefined, count: number): Promise<Tail> {
    const pages: LogRecord[][] = [];
    const size = Math.min(count, largestPage);
    let collected = 0;
    let token: string | undefined;
    do {
      const page = await this.ask({ node, ascending: false, from: undefined, token, size });
      const records = page.log_records ?? [];
      pages.push(records.reverse());
      collected += records.length;
      token = page.next_page_token === token ? undefined : page.next_page_token || undefined;
    } while (token !== undefined && collected < count);
    const records = pages.reverse().flat();
    if (collected < count) await this.checkBeginning(node, records);
    return { records, cut: token !== undefined };
  }

  /** An answer that breaks off looks like one that has come to the beginning of the log; this tells them apart. */
  private async checkBeginning(node: number | undefined, records: readonly LogRecord[]): Promise<void> {
    if (records.length === 0) return;
    const beginning = timeOf(await this.first(node, undefined));
    if (beginning === null || records.some((record) => isUntil(timeOf(record), beginning))) return;
    throw new AirError('INTERNAL_ERROR', 'The log service gave only a part of the last lines.', {
      kind: 'TRANSIENT',
    });
  }
}
