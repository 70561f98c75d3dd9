import type { Clock } from '../../io.js';
import { idText, type Run } from '../../workspace/contract/index.js';
import { ApiError, type Workspace } from '../../workspace/index.js';
import { isOver } from '../status.js';
import { summarize, type RunSummary } from '../summary.js';
import { noTracking, readTracking, type Tracking } from '../tracking.js';
import { isTrainingRun } from '../training.js';
import { RunCache } from './cache.js';
import { inOrder, limited } from './concurrency.js';
import { matches, type RunFilter } from './filter.js';
import { scanRuns } from './scan.js';
import { inspectedAtMost, requestsAtOnce, type RunGroup, type Tally } from './tally.js';
import { indexedRuns, readRun } from './workflow-index.js';

export { parseFilters, type RunFilter } from './filter.js';
export type { Tally } from './tally.js';

export interface ListRequest {
  /** Finished runs too. */
  readonly allStatus: boolean;
  /** Everybody's runs, not only the caller's. */
  readonly allUsers: boolean;
  readonly filter: RunFilter;
  /** Matching runs to find at most. */
  readonly limit: number;
  /** Folder of the cache of finished runs; null for none. */
  readonly cacheFolder: string | null;
}

/** A run that was found, before and after MLflow was asked about it. */
export interface ListedRun {
  readonly run: Run;
  readonly row: RunSummary;
}

const groupSize = 25;
/** Groups that MLflow is asked about before the first of them is used. */
const groupsAtOnce = 4;
const activeStatuses = new Set([
  'QUEUED',
  'PENDING',
  'RUNNING',
  'TERMINATING',
  'BLOCKED',
  'WAITING_FOR_RETRY',
]);

/** One listing of runs: where they come from, in which order, what was left out. */
export class RunList {
  readonly tally: Tally = { inspected: 0, dropped: 0, more: false, truncated: false };
  private cache: RunCache = RunCache.none;
  private workspaceId: string | null = null;
  private readonly listed = new Set<string>();
  /** Whether there may be a further group. */
  goesOn = true;

  constructor(
    private readonly workspace: Workspace,
    private readonly request: ListRequest,
    private readonly clock: Clock,
  ) {}

  /**
   * Groups of matching runs, newest first, as soon as they are known: without MLflow's part, except for those
   * in the cache. The next group is asked for while one is used, and only when it is needed.
   */
  async *groups(): AsyncGenerator<readonly ListedRun[], void, void> {
    const source = this.source();
    let remaining = this.request.limit;
    let pending = ahead(source);
    try {
      for (;;) {
        const { done, value } = await pending;
        if (done) return;
        const found = value.runs.filter((run) => this.accepts(run));
        const kept = found.slice(0, remaining);
        remaining -= kept.length;
        this.tally.more = remaining === 0 && (value.more || found.length > kept.length);
        this.tally.truncated = remaining > 0 && value.more && this.tally.inspected >= inspectedAtMost;
        this.goesOn = remaining > 0 && value.more && !this.tally.truncated;
        if (this.goesOn) pending = ahead(source);
        if (kept.length > 0) yield await this.withAllTasks(kept);
        if (!this.goesOn) return;
      }
    } finally {
      void source.return().catch(() => undefined);
    }
  }

  /** Adds MLflow's part to runs of a group, in their order, each as soon as it is known. */
  async *tracked(group: readonly ListedRun[]): AsyncGenerator<ListedRun, void, void> {
    yield* inOrder(group, requestsAtOnce, (listed) => this.track(listed));
  }

  /**
   * Groups with MLflow's part, for those who want to see all of them: while one is waited for, the next ones are
   * asked about, so that a slow answer holds up its own group alone.
   */
  async *trackedGroups(): AsyncGenerator<readonly ListedRun[], void, void> {
    const atOnce = limited(requestsAtOnce);
    yield* inOrder(this.groups(), groupsAtOnce, (group) =>
      Promise.all(group.map((listed) => atOnce(() => this.track(listed)))),
    );
  }

  /** Writes what was learnt about finished runs to the cache. */
  async save(): Promise<void> {
    await this.cache.save();
  }

  private async track({ run }: ListedRun): Promise<ListedRun> {
    const known = this.cache.find(idText(run.run_id) ?? '');
    const tracking =
      known && isOver(run) ? { ...noTracking, ...known.tracking } : await readTracking(this.workspace, run);
    this.cache.keep(run, tracking);
    return this.listedRun(run, tracking);
  }

  private listedRun(run: Run, tracking: Tracking): ListedRun {
    const { host } = this.workspace;
    const row = summarize(run, { host, workspaceId: this.workspaceId, now: this.clock.now(), tracking });
    return { run, row };
  }

  private accepts(run: Run): boolean {
    const id = idText(run.run_id);
    if (id === null || this.listed.has(id)) return false;
    if (!isTrainingRun(run) || !matches(run, this.request.filter)) return false;
    this.listed.add(id);
    return true;
  }

  /** A list carries the first 100 tasks of a run: the latest attempt of one with more is behind them. */
  private async withAllTasks(runs: readonly Run[]): Promise<ListedRun[]> {
    const whole: ListedRun[] = [];
    const readings = inOrder(runs, requestsAtOnce, async (run) => {
      const id = idText(run.run_id) ?? '';
      const cached = isOver(run) ? this.cache.find(id) : null;
      if (cached) return { run: cached.run, tracking: { ...noTracking, ...cached.tracking } };
      return { run: run.has_more ? await readRun(this.workspace, id) : run, tracking: noTracking };
    });
    for await (const { run, tracking } of readings) {
      if (run === null) this.tally.dropped++;
      else whole.push(this.listedRun(run, tracking));
    }
    return whole;
  }

  private get activeOnly(): boolean {
    const { allStatus, filter } = this.request;
    if (filter.statuses !== undefined) return filter.statuses.every((status) => activeStatuses.has(status));
    return !allStatus;
  }

  /** The index knows the caller's finished runs; everything else is found in the list of all runs. */
  private async *source(): AsyncGenerator<RunGroup, void, void> {
    const { allUsers, filter } = this.request;
    const isMine = !allUsers && filter.users === undefined;
    const prepared = this.prepare(isMine);
    prepared.catch(() => undefined);
    const scan = this.scan(prepared);
    if (!isMine) {
      yield* scan;
      return;
    }
    const index = indexedRuns(this.workspace, {
      activeOnly: this.activeOnly,
      groupSize: Math.min(groupSize, this.request.limit),
      cache: () => prepared.then(() => this.cache),
      tally: this.tally,
    });
    yield* this.activeOnly ? withFallback(scan, index, prepared) : withFallback(index, scan, prepared);
  }

  private async *scan(prepared: Promise<{ owner: string | null }>): AsyncGenerator<RunGroup, void, void> {
    for await (const { runs, more } of scanRuns(this.workspace, { activeOnly: this.activeOnly })) {
      const { owner } = await prepared;
      this.tally.inspected += runs.length;
      yield {
        runs: runs.filter((run) => owner === null || run.creator_user_name?.toLowerCase() === owner),
        more,
      };
    }
  }

  /** What the caller's identity is needed for: the owner of the runs, the links, the cache. */
  private async prepare(isMine: boolean): Promise<{ owner: string | null }> {
    const { target } = this.workspace;
    try {
      const { userName, workspaceId } = await this.workspace.me();
      this.workspaceId = target.workspaceId ?? workspaceId;
      const { cacheFolder } = this.request;
      if (cacheFolder !== null && !this.activeOnly) {
        this.cache = await RunCache.open(cacheFolder, this.workspace.host, userName);
      }
      return { owner: isMine ? userName.toLowerCase() : null };
    } catch (error) {
      if (isMine) throw error;
      this.workspaceId = target.workspaceId ?? null;
      return { owner: null };
    }
  }
}

/** The next group, asked for now and used later: its failure is met when it is. */
function ahead<T>(source: AsyncGenerator<T, void, void>): Promise<IteratorResult<T, void>> {
  const next = source.next();
  next.catch(() => undefined);
  return next;
}

/** The first source; the second one instead when the first cannot even begin, though `condition` holds. */
async function* withFallback<T>(
  first: AsyncGenerator<T, void, void>,
  second: AsyncGenerator<T, void, void>,
  condition: Promise<unknown>,
): AsyncGenerator<T, void, void> {
  let hasBegun = false;
  try {
    for await (const group of first) {
      hasBegun = true;
      yield group;
    }
  } catch (error) {
    const mayTryElsewhere = error instanceof ApiError && error.code !== 'UNAUTHENTICATED';
    if (hasBegun || !mayTryElsewhere) throw error;
    await condition;
    yield* second;
  }
}
