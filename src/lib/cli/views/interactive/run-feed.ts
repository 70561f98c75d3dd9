import type { ListedRun, RunList } from '../../../runs/list/index.js';
import type { RunSummary } from '../../../runs/summary.js';

/** The rows that have come so far, and whether more may. */
export interface Feed {
  readonly rows: readonly RunSummary[];
  readonly loading: boolean;
  /** Nothing more can be loaded. */
  readonly complete: boolean;
  /** Why the last load came to nothing; null when it did not. */
  readonly failure: unknown;
}

/** One listing from its beginning; a refresh starts another. */
interface Source {
  readonly list: RunList;
  readonly groups: AsyncGenerator<readonly ListedRun[], void, void>;
}

/** Loads the rows of a listing as they are wanted, first what the jobs say, then MLflow's part row by row. */
export class RunFeed {
  private feed: Feed = { rows: [], loading: false, complete: false, failure: null };
  private source: Source;

  constructor(
    private readonly newList: () => RunList,
    private readonly onChange: (feed: Feed) => void,
  ) {
    this.source = this.open();
  }

  /** The listing that the newest rows come from. */
  get list(): RunList {
    return this.source.list;
  }

  /** Loads the next group, unless one is under way or there is none. */
  more(): void {
    if (!this.feed.loading && !this.feed.complete) void this.load(this.source, 1, () => this.feed.rows);
  }

  /** Lists anew. The old rows stay until as many new ones are there. */
  refresh(): void {
    this.source = this.open();
    void this.load(this.source, this.feed.rows.length, () => []);
  }

  private open(): Source {
    const list = this.newList();
    return { list, groups: list.groups() };
  }

  private change(change: Partial<Feed>): void {
    this.feed = { ...this.feed, ...change };
    this.onChange(this.feed);
  }

  /** `before` are the rows that stand above the new ones, of which there are to be `least`. */
  private async load(source: Source, least: number, before: () => readonly RunSummary[]): Promise<void> {
    const isCurrent = (): boolean => source === this.source;
    this.change({ loading: true });
    try {
      const { found, complete } = await groupsOf(source, least);
      if (!isCurrent()) return;
      let at = before().length;
      const rows = [...before(), ...found.map(({ row }) => row)];
      this.change({ rows, loading: false, complete, failure: null });
      for await (const { row } of source.list.tracked(found)) {
        if (!isCurrent()) return;
        this.change({ rows: this.feed.rows.with(at++, row) });
      }
      await source.list.save();
    } catch (failure) {
      if (isCurrent()) this.change({ loading: false, complete: true, failure });
    }
  }
}

async function groupsOf({ list, groups }: Source, least: number) {
  const found: ListedRun[] = [];
  while (list.goesOn && found.length < Math.max(1, least)) {
    const { done, value } = await groups.next();
    if (done) return { found, complete: true };
    found.push(...value);
  }
  return { found, complete: !list.goesOn };
}
