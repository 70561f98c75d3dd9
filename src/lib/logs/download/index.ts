import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { AirError, messageOf, systemCode } from '../../errors.js';
import { makeFolder } from '../../folder.js';
import type { Context } from '../../io.js';
import { nodeCountOf } from '../../runs/nodes.js';
import { attemptNumber, isOver } from '../../runs/status.js';
import { linksOf, verdictOf, type Verdict } from '../../runs/verdict.js';
import type { Run, Workspace } from '../../workspace/index.js';
import { checkSelection } from '../selection.js';
import type { LogScope } from '../pages.js';
import { nodesIn } from '../stored/layout.js';
import { mergeNodes } from './merge.js';
import { downloadChunks, downloadLines, type Gap } from './node.js';
import { NodeFile, nodeFilePath } from './node-file.js';
import { chooseSource, type Source } from './source.js';

export interface DownloadOptions {
  readonly directory: string;
  readonly attempt: number | 'latest';
  /** The nodes wanted; null for all. */
  readonly nodes: readonly number[] | null;
  /** Called as it goes on, with the bytes on disk. */
  readonly progress?: (bytes: number, nodesDone: number, nodes: number) => void;
}

export interface DownloadedFile {
  readonly node: number;
  readonly path: string;
  readonly bytes: number;
  readonly complete: boolean;
  readonly missing_chunks: number[];
  /** Why it is not complete. */
  readonly error: string | null;
}

export interface Download {
  readonly directory: string;
  readonly source: 'service' | 'files' | null;
  readonly files: DownloadedFile[];
  /** All nodes in one file; null where there is one node only. */
  readonly merged_file: string | null;
}

const nodesAtOnce = 8;

/**
 * Copies the whole log of one attempt into a folder: `logs/node_N.log` for each node, and for several nodes
 * `logs/all_nodes.log`, in which their lines stand in order of time where the source tells it. A download into
 * the same folder goes on where an earlier one stopped.
 */
export async function downloadLogs(
  workspace: Workspace,
  runId: string,
  options: DownloadOptions,
  context: Context,
): Promise<{ run: Run; verdict: Verdict; download: Download }> {
  const run = await workspace.jobs.get(runId);
  checkSelection(run, options);
  const attempt = options.attempt === 'latest' ? attemptNumber(run) : options.attempt;
  const links = linksOf(workspace, run, runId);
  const directory = resolve(options.directory);
  const source = await chooseSource(workspace, run, { runId, attempt, nodes: options.nodes });
  const verdict = async () => verdictOf(run, runId, await links);
  if (!source) {
    const download = { directory, source: null, files: [], merged_file: null };
    return { run, verdict: await verdict(), download };
  }
  const folder = join(directory, 'logs');
  makeLogsFolder(folder);
  const goesOn = claim(folder, { run_id: runId, attempt, source: source.kind });
  const nodes = await nodesOf(run, source, options.nodes);
  const files = nodes.map((each) => new NodeFile(folder, each));
  try {
    if (!goesOn) for (const file of files) file.dropFrom(0n);
    // A run that goes on is copied up to now: its end would never come.
    const until = isOver(run) ? null : context.clock.now();
    const scope = { runId, attempt, nodeCount: nodeCountOf(run), until };
    const read = readerOf(workspace, scope, source, context);
    const gaps = await downloadNodes(files, read, options, context);
    checkAny(files, gaps);
    const merged_file = nodes.length < 2 ? null : join(folder, 'all_nodes.log');
    if (merged_file !== null) await mergeNodes(merged_file, files, source.kind === 'service', context.signal);
    return {
      run,
      verdict: await verdict(),
      download: {
        directory,
        source: source.kind,
        files: files.map((file) => describe(folder, file, gaps.get(file.node) ?? null)),
        merged_file,
      },
    };
  } finally {
    for (const file of files) file.close();
  }
}

function makeLogsFolder(folder: string): void {
  try {
    makeFolder(folder);
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') throw error;
    throw new AirError('INVALID_ARGS', `No folder can be made at ${folder}.`, {
      hint: 'Choose another one with --download-to.',
      cause: error,
    });
  }
}

type NodeReader = (file: NodeFile, progress: () => void) => Promise<Gap | null>;

function readerOf(
  workspace: Workspace,
  scope: Omit<LogScope, 'nodes' | 'since'>,
  source: Source,
  context: Context,
): NodeReader {
  return source.kind === 'service'
    ? (file, progress) => downloadLines(workspace, scope, file, context, progress)
    : (file, progress) => downloadChunks(source, file, context, progress);
}

async function nodesOf(
  run: Run,
  source: Source,
  wanted: readonly number[] | null,
): Promise<readonly number[]> {
  if (wanted) return wanted;
  const count = nodeCountOf(run);
  if (count !== null) return Array.from({ length: count }, (_, node) => node);
  return source.kind === 'files' ? nodesIn(source.store, source.folder) : [0];
}

/** Several nodes at a time. A node that fails leaves what it has, and does not stop the others. */
async function downloadNodes(
  files: readonly NodeFile[],
  read: NodeReader,
  { progress }: DownloadOptions,
  { signal }: Context,
): Promise<Map<number, Gap | null>> {
  const gaps = new Map<number, Gap | null>();
  const report = () => {
    const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
    progress?.(bytes, gaps.size, files.length);
  };
  const queue = [...files];
  const worker = async () => {
    for (let file = queue.shift(); file; file = queue.shift()) {
      const gap = await read(file, report).catch((error: unknown): Gap => {
        signal.throwIfAborted();
        return { chunks: [], reason: messageOf(error) };
      });
      gaps.set(file.node, gap);
    }
  };
  await Promise.all(Array.from({ length: Math.min(nodesAtOnce, files.length) }, worker));
  return gaps;
}

/** Throws when no node brought anything because each of them failed. */
function checkAny(files: readonly NodeFile[], gaps: ReadonlyMap<number, Gap | null>): void {
  const [reason] = [...gaps.values()].map((gap) => gap?.reason).filter((each) => each !== undefined);
  if (reason === undefined || files.some(({ bytes }) => bytes > 0)) return;
  throw new AirError('INTERNAL_ERROR', `No node's log could be read: ${reason}`, { kind: 'TRANSIENT' });
}

function describe(folder: string, { node, bytes }: NodeFile, gap: Gap | null): DownloadedFile {
  return {
    node,
    path: nodeFilePath(folder, node),
    bytes,
    complete: gap === null,
    missing_chunks: gap?.chunks ?? [],
    error: gap?.reason ?? null,
  };
}

interface Claim {
  run_id: string;
  attempt: number;
  source: Source['kind'];
}

/**
 * Notes whose logs lie in a folder, and answers whether it holds the beginning of the same download. Logs of
 * another attempt are never mixed with, or written over.
 */
function claim(folder: string, mine: Claim): boolean {
  const path = join(folder, '.download.json');
  const found = readClaim(path);
  if (found && (found.run_id !== mine.run_id || found.attempt !== mine.attempt)) {
    throw new AirError(
      'INVALID_ARGS',
      `${folder} holds the logs of run ${found.run_id}, attempt ${found.attempt}.`,
      { hint: 'Name another folder, or remove that one.' },
    );
  }
  writeFileSync(path, `${JSON.stringify(mine)}\n`);
  return found?.source === mine.source;
}

function readClaim(path: string): Claim | null {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Claim;
  } catch (error) {
    if (systemCode(error) === 'ENOENT' || error instanceof SyntaxError) return null;
    throw error;
  }
}
