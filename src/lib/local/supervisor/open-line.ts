import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { readJsonIfThere } from '../state/durable.js';

/**
 * What a node shows of a line that it has not ended yet: a progress bar, or a sentence that waits for its last
 * word. It is no record of the log: whole and once, the line comes into the log when it ends.
 */
export interface OpenLine {
  /** The size of the log when this was written. Once the log is larger, the line has ended. */
  readonly offset: number;
  /** Nanoseconds since the epoch, later than any record before it. */
  readonly time: bigint;
  /** The text after the line's last carriage return. */
  readonly state: string;
}

const longestState = 4096;
const carriageReturn = 0x0d;

/** Writes the open line beside the node's log, in place of what was there. */
export function writeOpenLine(logFile: string, { offset, time, state }: OpenLine): void {
  const file = fileOf(logFile);
  writeFileSync(`${file}.new`, JSON.stringify([offset, String(time), state]), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

/** The open line beside a node's log of this size, if there is one that the machine's going down left whole. */
export function readOpenLine(logFile: string, size: number): OpenLine | undefined {
  const known = readJsonIfThere<[number, string, string]>(fileOf(logFile));
  if (known?.[0] !== size) return undefined;
  const [offset, time, state] = known;
  return { offset, time: BigInt(time), state };
}

export function removeOpenLine(logFile: string): void {
  rmSync(fileOf(logFile), { force: true });
}

/** What a screen shows of a line's bytes so far; its beginning, where it is long. */
export function stateOf(pieces: readonly Buffer[]): string {
  let bytes = Buffer.concat(pieces);
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === carriageReturn) end--;
  bytes = bytes.subarray(0, end);
  const start = bytes.lastIndexOf(carriageReturn) + 1;
  // As part of a stream, so that a character whose last bytes are still to come is left out.
  return new TextDecoder().decode(bytes.subarray(start, start + longestState), { stream: true });
}

function fileOf(logFile: string): string {
  return `${logFile}.open`;
}
