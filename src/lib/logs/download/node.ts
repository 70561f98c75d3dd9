import { messageOf } from '../../errors.js';
import type { Context } from '../../io.js';
import type { Workspace } from '../../workspace/index.js';
import type { LogScope } from '../pages.js';
import { LogService } from '../service.js';
import { chunksOf, type Chunk } from '../stored/layout.js';
import type { FileStore } from '../stored/store.js';
import type { NodeFile, Piece } from './node-file.js';
import type { StoredPlace } from './source.js';

/** What is missing of a node's log after its download. */
export interface Gap {
  /** Numbers of stored chunks that could not be read. */
  readonly chunks: number[];
  readonly reason: string;
}

/** How far back a service may still bring lines late: as much is read again when a download goes on. */
const lateness = 30n;
const nanosPerSecond = 1_000_000_000n;
const triesInARow = 6;
const chunkTries = 3;
const longestPause = 4000;

/** Reads a node's lines from the log service behind those that the file has. Answers what is missing. */
export async function downloadLines(
  workspace: Workspace,
  scope: Omit<LogScope, 'nodes' | 'since'>,
  file: NodeFile,
  { clock, signal }: Context,
  progress: () => void,
): Promise<Gap | null> {
  const { last } = file;
  const since = last === null ? null : last / nanosPerSecond - lateness;
  if (since !== null) file.dropFrom(since * nanosPerSecond);
  const wanted = {
    ...scope,
    nodes: [file.node],
    since: since === null ? null : Number(since) * 1000,
  };
  const service = new LogService(workspace, wanted, () => clock.now());
  let at = file.last ?? 0n;
  let failures = 0;
  for (;;) {
    signal.throwIfAborted();
    const { lines, more, failure } = await service.step(false);
    const pieces = lines.map(({ time, body }): Piece => {
      if (time !== null) at = BigInt(time);
      return { at, bytes: Buffer.from(`${body}\n`) };
    });
    if (pieces.length > 0) file.append(pieces);
    progress();
    if (failure === undefined) {
      failures = 0;
      if (!more) return null;
      continue;
    }
    signal.throwIfAborted();
    if (++failures === triesInARow) return { chunks: [], reason: messageOf(failure) };
    await clock.sleep(Math.min(250 * 2 ** failures, longestPause), signal);
  }
}

/**
 * Copies a node's stored chunks, byte for byte, behind those that the file has; the last one may have grown and is
 * read again. A chunk that cannot be read is left out: the end of a log is worth more than its wholeness.
 */
export async function downloadChunks(
  { store, folder }: StoredPlace,
  file: NodeFile,
  context: Context,
  progress: () => void,
): Promise<Gap | null> {
  const resumed = file.firstGap ?? file.last;
  if (resumed !== null) file.dropFrom(resumed);
  const missing: number[] = [];
  let reason = '';
  for (const chunk of await chunksOf(store, folder, file.node)) {
    if (resumed !== null && BigInt(chunk.index) < resumed) continue;
    const failure = await copyChunk(store, chunk, file, context, progress);
    if (failure !== null) {
      missing.push(chunk.index);
      reason = failure;
    }
    file.seal(BigInt(chunk.index));
  }
  return missing.length === 0 ? null : { chunks: missing, reason };
}

/** Answers why the chunk could not be read; null when it was. */
async function copyChunk(
  store: FileStore,
  { path }: Chunk,
  file: NodeFile,
  { clock, signal }: Context,
  progress: () => void,
): Promise<string | null> {
  for (let tries = 1; ; tries++) {
    try {
      for await (const bytes of await store.open(path, 0)) {
        signal.throwIfAborted();
        file.write(bytes as Buffer);
        progress();
      }
      return null;
    } catch (error) {
      signal.throwIfAborted();
      file.discard();
      if (tries === chunkTries) return messageOf(error);
      await clock.sleep(250 * 2 ** tries, signal);
    }
  }
}
