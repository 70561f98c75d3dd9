import type { Run, RunsPage } from '../../workspace/contract/index.js';
import type { Workspace } from '../../workspace/index.js';
import type { RunGroup } from './tally.js';

export interface ScanOptions {
  readonly activeOnly: boolean;
  readonly signal?: AbortSignal;
}

const pageSize = 25;
/** Pages read one after another before the rest of the time is cut into slices. */
const pagesBeforeSlices = 8;
const slices = 4;
/** The Jobs API keeps runs for this long. */
const retention = 60 * 24 * 3_600_000;

/**
 * Pages of the workspace's runs, newest first. Page tokens allow one request at a time; so a long scan cuts the
 * time before into slices, which are read side by side. A run may come twice, at the edge of two slices.
 */
export async function* scanRuns(
  workspace: Workspace,
  options: ScanOptions,
): AsyncGenerator<RunGroup, void, void> {
  let count = 0;
  for await (const page of pagesOf(workspace, options, {})) {
    yield groupOf(page);
    const boundary = newestUnseen(page.runs ?? []);
    if (++count >= pagesBeforeSlices && !options.activeOnly && boundary !== null && page.next_page_token) {
      yield* scanSlices(workspace, options, boundary);
      return;
    }
  }
}

/** No run behind this page started later, whether the server sorts by start or by end. */
function newestUnseen(runs: readonly Run[]): number | null {
  const last = runs.at(-1);
  const moment = Math.max(last?.start_time ?? 0, last?.end_time ?? 0);
  return moment > 0 ? moment : null;
}

async function* scanSlices(
  workspace: Workspace,
  options: ScanOptions,
  boundary: number,
): AsyncGenerator<RunGroup, void, void> {
  const width = Math.ceil(retention / slices);
  const stop = new AbortController();
  const queues = Array.from({ length: slices }, (_, index) => {
    const isOldest = index === slices - 1;
    const range = {
      startTimeTo: boundary - index * width,
      ...(isOldest ? {} : { startTimeFrom: boundary - (index + 1) * width }),
    };
    return new Ahead(pagesOf(workspace, { ...options, signal: stop.signal }, range));
  });
  try {
    for (const queue of queues) {
      for await (const page of queue) yield { ...groupOf(page), more: true };
    }
  } finally {
    stop.abort();
  }
}

function groupOf(page: RunsPage): RunGroup {
  return { runs: page.runs ?? [], more: Boolean(page.next_page_token) };
}

interface TimeRange {
  readonly startTimeFrom?: number;
  readonly startTimeTo?: number;
}

async function* pagesOf(
  workspace: Workspace,
  { activeOnly, signal }: ScanOptions,
  range: TimeRange,
): AsyncGenerator<RunsPage, void, void> {
  const seen = new Set<string>();
  let pageToken: string | undefined;
  do {
    const page: RunsPage = await workspace.jobs.list(
      { activeOnly, expandTasks: true, limit: pageSize, ...range, ...(pageToken ? { pageToken } : {}) },
      signal ? { signal } : {},
    );
    yield page;
    pageToken = page.next_page_token;
    // A server that repeats a token would be asked for ever.
    if (pageToken && seen.has(pageToken)) return;
    if (pageToken) seen.add(pageToken);
  } while (pageToken);
}

/** Reads a source ahead of its consumer, as fast as it goes, and hands everything over in its order. */
class Ahead<T> {
  private readonly ready: T[] = [];
  private wake: () => void = () => undefined;
  private ended = false;
  private readonly reading: Promise<void>;

  constructor(source: AsyncIterable<T>) {
    this.reading = this.read(source);
    // A failure is met by the consumer, once it comes that far.
    this.reading.catch(() => undefined);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    for (;;) {
      const item = this.ready.shift();
      if (item !== undefined) yield item;
      else if (this.ended) break;
      else await new Promise<void>((resolve) => (this.wake = resolve));
    }
    await this.reading;
  }

  private async read(source: AsyncIterable<T>): Promise<void> {
    try {
      for await (const item of source) {
        this.ready.push(item);
        this.wake();
      }
    } finally {
      this.ended = true;
      this.wake();
    }
  }
}
