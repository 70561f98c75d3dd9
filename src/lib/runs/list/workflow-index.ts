import { AirError } from '../../errors.js';
import {
  idText,
  type Run,
  type TrainingWorkflow,
  type TrainingWorkflowsPage,
} from '../../workspace/contract/index.js';
import type { Workspace } from '../../workspace/index.js';
import type { RunCache } from './cache.js';
import { inOrder } from './concurrency.js';
import { requestsAtOnce, type RunGroup, type Tally } from './tally.js';

/** Milliseconds for a page of the index: there is another way to the same runs. */
const patience = 5000;

interface Entry {
  readonly id: string;
  /** Milliseconds since the epoch; 0 when the index does not say. */
  readonly submitted: number;
}

export interface IndexOptions {
  readonly activeOnly: boolean;
  /** Runs to read side by side and to hand over together. */
  readonly groupSize: number;
  readonly cache: () => Promise<RunCache>;
  readonly tally: Tally;
}

/**
 * The caller's own training runs from the index of the AI training service, newest first, in groups. The index
 * holds ids only: each run is taken from the cache, or read. Runs that are gone or closed to the caller are
 * dropped and counted.
 */
export async function* indexedRuns(
  workspace: Workspace,
  options: IndexOptions,
): AsyncGenerator<RunGroup, void, void> {
  for await (const { entries, more } of entriesOf(workspace, options.activeOnly)) {
    for (let from = 0; from < entries.length; from += options.groupSize) {
      const to = from + options.groupSize;
      const runs = await hydrate(workspace, entries.slice(from, to), options);
      yield { runs, more: more || to < entries.length };
    }
  }
}

/**
 * Pages of the index. It promises no order: only while a page is sorted newest first, and continues the last
 * one, is it taken as a part of a sorted whole; otherwise everything is read and sorted first.
 */
async function* entriesOf(
  workspace: Workspace,
  activeOnly: boolean,
): AsyncGenerator<{ entries: readonly Entry[]; more: boolean }, void, void> {
  const known = new Set<string>();
  const held: Entry[] = [];
  let sorted = true;
  let last = Number.POSITIVE_INFINITY;
  for await (const page of indexPages(workspace, activeOnly)) {
    const entries = (page.training_workflows ?? [])
      .flatMap(entryOf)
      .filter(({ id }) => !known.has(id) && known.add(id));
    for (const { submitted } of entries) {
      sorted &&= submitted <= last;
      last = submitted;
    }
    if (sorted) yield { entries, more: Boolean(page.next_page_token) };
    else held.push(...entries);
  }
  yield { entries: held.sort((a, b) => b.submitted - a.submitted), more: false };
}

async function* indexPages(
  workspace: Workspace,
  activeOnly: boolean,
): AsyncGenerator<TrainingWorkflowsPage, void, void> {
  const seen = new Set<string>();
  let pageToken: string | undefined;
  do {
    const page = await workspace.training.workflows(
      { activeOnly, ...(pageToken ? { pageToken } : {}) },
      { budget: patience },
    );
    yield page;
    pageToken = page.next_page_token;
    if (pageToken && seen.has(pageToken)) return;
    if (pageToken) seen.add(pageToken);
  } while (pageToken);
}

function entryOf({ job_run_id, submit_time }: TrainingWorkflow): Entry[] {
  const id = idText(job_run_id);
  return id === null ? [] : [{ id, submitted: milliseconds(submit_time) }];
}

function milliseconds(time: TrainingWorkflow['submit_time']): number {
  const value =
    typeof time === 'string'
      ? Date.parse(time)
      : Number(time?.seconds ?? 0) * 1000 + Math.floor((time?.nanos ?? 0) / 1e6);
  return Number.isFinite(value) ? value : 0;
}

async function hydrate(
  workspace: Workspace,
  entries: readonly Entry[],
  options: IndexOptions,
): Promise<Run[]> {
  const { tally } = options;
  const cache = await options.cache();
  const runs: Run[] = [];
  const readings = inOrder(entries, requestsAtOnce, async ({ id }) => {
    return cache.find(id)?.run ?? (await readRun(workspace, id));
  });
  for await (const run of readings) {
    tally.inspected++;
    if (run === null) tally.dropped++;
    else runs.push(run);
  }
  return runs;
}

/** The whole run; null when it is unknown, purged or closed to the caller. */
export async function readRun(workspace: Workspace, id: string): Promise<Run | null> {
  try {
    return await workspace.jobs.get(id);
  } catch (error) {
    if (error instanceof AirError && (error.code === 'NOT_FOUND' || error.code === 'PERMISSION_DENIED')) {
      return null;
    }
    throw error;
  }
}
