import { AirError } from '../../errors.js';
import type { Run, Workspace } from '../../workspace/index.js';
import { lineOf } from '../line.js';
import { findLogs } from '../stored/index.js';
import { chunksOf, nodesIn } from '../stored/layout.js';
import { LineSplitter } from '../stored/line-splitter.js';
import type { FileStore } from '../stored/store.js';

export interface StoredPlace {
  readonly store: FileStore;
  readonly folder: string;
}

export type Source = { readonly kind: 'service' } | ({ readonly kind: 'files' } & StoredPlace);

/** Bytes of a stored log that are read to see its first line. */
const longestLooked = 64 * 1024;

/**
 * Where an attempt's whole log is: the log service, whose lines carry their times, unless it is not there, has
 * nothing, or does not hold the log's beginning any more. Null when neither has a line.
 */
export async function chooseSource(
  workspace: Workspace,
  run: Run,
  { runId, attempt, nodes }: { runId: string; attempt: number; nodes: readonly number[] | null },
): Promise<Source | null> {
  const filter = nodes?.[0] === undefined ? {} : { node: nodes[0] };
  const [service, stored] = await Promise.allSettled([
    workspace.training.logs(runId, { ascending: true, attempt, pageSize: 1, ...filter }),
    findLogs(workspace, run, attempt),
  ]);
  const place = stored.status === 'fulfilled' ? stored.value : null;
  const files: Source | null = place && { kind: 'files', ...place };
  if (service.status === 'rejected') {
    const error: unknown = service.reason;
    if (files) return files;
    if (error instanceof AirError && (error.kind === 'NOT_FOUND' || error.code === 'FEATURE_DISABLED')) {
      return null;
    }
    throw error;
  }
  const first = service.value.log_records?.[0];
  if (!place || !files) return first ? { kind: 'service' } : null;
  if (!first) return (await holdsAny(place, nodes)) ? files : null;
  const { node, body } = lineOf(first, attempt, nodes?.[0] ?? 0);
  const begun = await firstLine(place, node).catch(() => null);
  return begun === null || begun === body ? { kind: 'service' } : files;
}

async function holdsAny({ store, folder }: StoredPlace, wanted: readonly number[] | null): Promise<boolean> {
  for (const node of wanted ?? (await nodesIn(store, folder))) {
    if ((await chunksOf(store, folder, node)).length > 0) return true;
  }
  return false;
}

/** The first line of a node's stored log; null when there is none, or its beginning is not stored. */
async function firstLine({ store, folder }: StoredPlace, node: number): Promise<string | null> {
  const [chunk] = await chunksOf(store, folder, node);
  if (chunk?.index !== 0) return null;
  const splitter = new LineSplitter();
  let size = 0;
  for await (const bytes of await store.open(chunk.path, 0)) {
    const [line] = splitter.push(bytes as Buffer);
    if (line !== undefined) return line;
    size += (bytes as Buffer).length;
    if (size > longestLooked) return null;
  }
  return splitter.finish()[0] ?? null;
}
