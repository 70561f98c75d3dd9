import type { Readable } from 'node:stream';

/** The log of one node, cut into the pieces of at most 4 MB that the platform uploads. */
export interface LogChunk {
  /** Bytes, where they are known without reading. */
  size?: number;
  read(): Readable;
}

/** The attempt behind an MLflow run. */
export interface LoggedAttempt {
  attempt: number;
  nodes: number;
  /** The chunks of a node's log in order; none while it has written nothing. */
  chunks(node: number): LogChunk[];
}

/** Finds the logs of the attempt that an MLflow run stands for. They are read where the engine wrote them. */
export interface RunLogs {
  find(mlflowRunId: string): LoggedAttempt | undefined;
}
