import { Readable } from 'node:stream';
import { nodeCount } from '../../compute/accelerators.js';
import type { RunRecord } from '../store/job-records.js';
import type { JobStore } from '../store/jobs.js';
import { LogReader } from '../supervisor/log-reader.js';
import type { Engine } from './engine.js';

/** A piece of a node's log as plain text. Its size would only be known by reading it. */
export interface LogChunk {
  read(): Readable;
}

/** The attempt behind an MLflow run. */
export interface LoggedAttempt {
  attempt: number;
  nodes: number;
  /** The pieces of a node's log, oldest first; none while it has written nothing. */
  chunks(node: number): LogChunk[];
}

/** Finds the logs of the attempt that an MLflow run stands for. They are read where they were written. */
export interface RunLogs {
  find(mlflowRunId: string): LoggedAttempt | undefined;
}

/** Bytes of log after which a new chunk begins, as the platform cuts them. */
const chunkSize = 4 * 1024 * 1024;
const pieceSize = 64 * 1024;

/** The indexes of a run's nodes. */
export function nodesOf(run: RunRecord): number[] {
  const compute = run.request.tasks[0]?.ai_runtime_task.deployments?.[0]?.compute;
  const count = nodeCount(compute?.accelerator_type ?? '', compute?.accelerator_count ?? 0);
  return Array.from({ length: count }, (_, index) => index);
}

/** The logs that the engine's attempts have. */
export function runLogs(jobs: JobStore, engine: Engine): RunLogs {
  return {
    find(mlflowRunId) {
      const attempt = jobs.attemptOfMlflowRun(mlflowRunId);
      const run = attempt && jobs.run(attempt.runId);
      if (!attempt || !run) return undefined;
      const folder = engine.folderOf(attempt);
      return {
        attempt: attempt.number,
        nodes: nodesOf(run).length,
        chunks: (node) => chunksOf(folder.log(node)),
      };
    },
  };
}

/** Chunks begin at records that the log's index names, so that none begins or ends within a line. */
function chunksOf(file: string): LogChunk[] {
  const reader = new LogReader(file);
  try {
    const { size } = reader;
    if (size === 0) return [];
    const starts = [0];
    for (let wanted = chunkSize; wanted < size; wanted += chunkSize) {
      const start = reader.indexedFrom(wanted);
      if (start === undefined || start >= size) break;
      if (start !== starts.at(-1)) starts.push(start);
    }
    return starts.map((start, index) => ({
      read: () => Readable.from(textOf(file, start, starts[index + 1]), { objectMode: false }),
    }));
  } finally {
    reader.close();
  }
}

function* textOf(file: string, start: number, end: number | undefined): Generator<Buffer> {
  const reader = new LogReader(file);
  const newline = Buffer.from('\n');
  try {
    let lines: Buffer[] = [];
    let bytes = 0;
    for (const line of reader.forward(start, end ?? reader.size)) {
      lines.push(line.body, newline);
      bytes += line.body.length + 1;
      if (bytes < pieceSize) continue;
      yield Buffer.concat(lines);
      lines = [];
      bytes = 0;
    }
    if (lines.length > 0) yield Buffer.concat(lines);
  } finally {
    reader.close();
  }
}
