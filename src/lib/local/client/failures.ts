import { readFileSync, statfsSync } from 'node:fs';
import { AirError } from '../../errors.js';
import type { Layout } from '../state/layout.js';

/** Fewer free bytes than these are a full disk: no server starts with them. */
const leastRoom = 256 * 1024;

/** Why a server that was started did not come up: what it said last, or what kept it from saying anything. */
export function startFailure(layout: Layout, ended: boolean): AirError {
  return new AirError(
    'INTERNAL_ERROR',
    `The local workspace could not be started: ${reason(layout, ended)}`,
    {
      hint: `Its log: ${layout.serverLog}`,
    },
  );
}

/** A server that lives and does not do what it should. */
export function hangingFailure(pid: number, what: 'answer' | 'stop', cause?: unknown): AirError {
  return new AirError('INTERNAL_ERROR', `The local workspace (process ${pid}) does not ${what}.`, {
    kind: 'TRANSIENT',
    hint: `Try again, or end it by force: kill -9 ${pid}. Its runs go on, and the next start takes them over.`,
    cause,
  });
}

function reason(layout: Layout, ended: boolean): string {
  if (!ended) return 'it did not answer in time';
  // With no room left, what the log ends with is of an earlier time.
  if (isFull(layout.root)) return 'the disk is full';
  return lastLine(layout.serverLog) ?? 'it left no message';
}

/** The last line of the server's log, without its time. */
function lastLine(file: string): string | undefined {
  try {
    const lines = readFileSync(file, 'utf8').trim().split('\n');
    return lines.at(-1)?.replace(/^\d{4}-\S+Z /, '') || undefined;
  } catch {
    return undefined;
  }
}

function isFull(folder: string): boolean {
  try {
    const { bavail, bsize } = statfsSync(folder);
    return bavail * bsize < leastRoom;
  } catch {
    return false;
  }
}
