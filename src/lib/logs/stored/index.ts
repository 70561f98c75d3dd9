import { mlflowIdsOf } from '../../runs/links.js';
import { taskOfAttempt } from '../../runs/status.js';
import { idText } from '../../workspace/contract/index.js';
import type { Run, Workspace } from '../../workspace/index.js';
import type { LogLine } from '../line.js';
import { chunksOf, logFolder, nodesIn, type Chunk } from './layout.js';
import { LineSplitter } from './line-splitter.js';
import { openStore, type FileStore } from './store.js';

export interface StoredStep {
  readonly lines: LogLine[];
  /** More is there already. */
  readonly more: boolean;
  /** Why part of the step failed; its lines come with a later one. */
  readonly failure: unknown;
}

/** How far a node's chunks have been read. */
interface Reader {
  readonly splitter: LineSplitter;
  chunk: number;
  offset: number;
}

const nodesAtOnce = 8;

/** The store that holds an attempt's logs, and the folder in it; null while there is none. */
export async function findLogs(
  workspace: Workspace,
  run: Run,
  attempt: number,
): Promise<{ store: FileStore; folder: string } | null> {
  const taskId = idText(taskOfAttempt(run, attempt)?.run_id);
  if (taskId === null) return null;
  const output = await workspace.jobs.getOutput(taskId, { retry: 'never', timeout: 10_000 });
  const ids = mlflowIdsOf(output);
  if (ids === null) return null;
  const store = await openStore(workspace, ids.runId);
  const folder = await logFolder(store, attempt);
  return folder === null ? null : { store, folder };
}

/**
 * The lines of one attempt as they are stored with its MLflow run: chunk after chunk for each node. Chunks that
 * are closed are read once, of the last one only what was added.
 */
export class StoredLogs {
  private readonly readers = new Map<number, Reader>();
  private found: { store: FileStore; folder: string } | null = null;

  constructor(
    private readonly workspace: Workspace,
    private readonly currentRun: () => Run,
    private readonly attempt: number,
    private readonly nodes: readonly number[] | null,
  ) {}

  /** What was added since the last step. `ended` releases a last line without a line end. */
  async step(ended: boolean): Promise<StoredStep> {
    return this.forEachNode((node, place) => this.readNode(node, place, ended));
  }

  /** The last `count` lines of all nodes together, each node with its share; later steps go on from there. */
  async tail(count: number): Promise<StoredStep> {
    return this.forEachNode((node, place, nodes) => this.tailOf(node, place, Math.ceil(count / nodes)));
  }

  private async forEachNode(
    read: (node: number, place: { store: FileStore; folder: string }, nodes: number) => Promise<StoredStep>,
  ): Promise<StoredStep> {
    this.found ??= await findLogs(this.workspace, this.currentRun(), this.attempt);
    const place = this.found;
    if (!place) return { lines: [], more: false, failure: undefined };
    const nodes = this.nodes ?? (await nodesIn(place.store, place.folder));
    const lines: LogLine[] = [];
    let more = false;
    let failure: unknown;
    for (let first = 0; first < nodes.length; first += nodesAtOnce) {
      const group = nodes.slice(first, first + nodesAtOnce);
      const steps = await Promise.all(group.map((node) => read(node, place, nodes.length).catch(failedStep)));
      for (const step of steps) {
        for (const line of step.lines) lines.push(line);
        more ||= step.more;
        failure ??= step.failure;
      }
    }
    return { lines, more, failure };
  }

  /** One chunk of one node, from where it was left. */
  private async readNode(
    node: number,
    { store, folder }: { store: FileStore; folder: string },
    ended: boolean,
  ): Promise<StoredStep> {
    const reader = this.readerOf(node);
    const chunks = await chunksOf(store, folder, node);
    const rest = chunks.filter(({ index }) => index >= reader.chunk);
    const [chunk, next] = rest;
    const lines: string[] = [];
    let failure: unknown;
    if (chunk) {
      if (chunk.index > reader.chunk) moveTo(chunk, reader);
      if (!isRead(chunk, reader)) failure = await this.readChunk(store, chunk, reader, lines);
      // A chunk is closed before the next one begins.
      if (next && failure === undefined) moveTo(next, reader);
    }
    const more = next !== undefined && failure === undefined;
    if (ended && !more && failure === undefined && lines.length === 0)
      lines.push(...reader.splitter.finish());
    return { lines: lines.map((body) => this.lineOf(node, body)), more, failure };
  }

  /** Reads to the end of the chunk; what came before a failure counts as read. Answers the failure. */
  private async readChunk(store: FileStore, chunk: Chunk, reader: Reader, lines: string[]): Promise<unknown> {
    try {
      for await (const bytes of await store.open(chunk.path, reader.offset)) {
        reader.offset += (bytes as Buffer).length;
        for (const line of reader.splitter.push(bytes as Buffer)) lines.push(line);
      }
      return undefined;
    } catch (error) {
      return error;
    }
  }

  private async tailOf(
    node: number,
    { store, folder }: { store: FileStore; folder: string },
    count: number,
  ): Promise<StoredStep> {
    const chunks = await chunksOf(store, folder, node);
    let reader: Reader | undefined;
    let lines: string[] = [];
    for (const chunk of chunks.toReversed()) {
      const own: Reader = { splitter: new LineSplitter(), chunk: chunk.index, offset: 0 };
      const read: string[] = [];
      const failure = await this.readChunk(store, chunk, own, read);
      if (failure !== undefined) throw failure as Error;
      if (reader === undefined) reader = own;
      else read.push(...own.splitter.finish());
      lines = [...read, ...lines];
      if (lines.length >= count) break;
    }
    if (reader) this.readers.set(node, reader);
    return {
      lines: lines.slice(-count).map((body) => this.lineOf(node, body)),
      more: false,
      failure: undefined,
    };
  }

  private readerOf(node: number): Reader {
    let reader = this.readers.get(node);
    if (!reader) this.readers.set(node, (reader = { splitter: new LineSplitter(), chunk: 0, offset: 0 }));
    return reader;
  }

  private lineOf(node: number, body: string): LogLine {
    return { attempt: this.attempt, node, body, time: null };
  }
}

function moveTo(chunk: Chunk, reader: Reader): void {
  reader.chunk = chunk.index;
  reader.offset = 0;
}

/** Whether there is nothing new in a chunk. One of unknown size is looked into again. */
function isRead(chunk: Chunk, reader: Reader): boolean {
  return chunk.size !== null && chunk.size <= reader.offset;
}

function failedStep(failure: unknown): StoredStep {
  return { lines: [], more: false, failure };
}
