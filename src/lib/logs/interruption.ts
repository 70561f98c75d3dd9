import { AirError, messageOf } from '../errors.js';
import type { Clock } from '../io.js';
import { ApiError } from '../workspace/index.js';

/** Milliseconds before a source that failed is asked again. */
export const shortestRetryDelay = 250;
/** The same, by the failures in a row. */
const retryDelays = [shortestRetryDelay, 500, 1000, 2000, 3000];
const longestRetryAfter = 60_000;
/** The log service is given up for stored files after this many failures in a row, and this long. */
const failuresBeforeFiles = 5;
const outageBeforeFiles = 10_000;

/** Since when the log service fails, and what the user was told of it. */
export class Interruption {
  private failures = 0;
  private since = 0;
  private isTold = false;

  constructor(private readonly clock: Clock) {}

  /** The service failed: milliseconds to wait before it is asked again, and words for the user, once. */
  failed(error: unknown): { wait: number; note: string | null } {
    if (this.failures++ === 0) this.since = this.clock.now();
    return { wait: delayAfter(error, this.failures), note: this.firstWords(error) };
  }

  /** The service answered: words for the user, who was told that it did not. */
  ended(): string | null {
    const note = this.isTold ? 'Reconnected: no line is lost.' : null;
    this.forget();
    return note;
  }

  /** Another source took over: what follows is another interruption. */
  forget(): void {
    this.failures = 0;
    this.isTold = false;
  }

  /** Whether the log service has failed for so long that stored files are the better source. */
  get hasLasted(): boolean {
    return this.failures >= failuresBeforeFiles && this.clock.now() - this.since >= outageBeforeFiles;
  }

  /** None for a single failure, which nobody would notice. */
  private firstWords(error: unknown): string | null {
    if (this.isTold || this.failures < 2) return null;
    this.isTold = true;
    return `The log stream was interrupted (${messageOf(error).replace(/[.!]$/, '')}). Reconnecting...`;
  }
}

/** Whether the log service does not exist here, or not for this run. */
export function isGone(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  return (
    error.status === 404 ||
    error.status === 403 ||
    error.errorCode === 'FEATURE_DISABLED' ||
    error.errorCode === 'ENDPOINT_NOT_FOUND'
  );
}

/** Throws what neither passes nor leads to another source: a refused identity, a fault of ours. */
export function throwIfLasting(error: unknown): void {
  if (isGone(error)) return;
  if (!(error instanceof AirError) || error.code === 'UNAUTHENTICATED') throw error;
  // Status 400 refuses a page token; what is no answer of the API is a broken or truncated one.
  const isRefusedPage = error instanceof ApiError && error.status === 400;
  if (error.kind !== 'TRANSIENT' && !isRefusedPage && error instanceof ApiError) throw error;
}

function delayAfter(error: unknown, failures: number): number {
  const asked = error instanceof ApiError ? error.retryAfter : undefined;
  if (asked !== undefined) return Math.min(asked, longestRetryAfter);
  return retryDelays[Math.min(failures, retryDelays.length) - 1] ?? 0;
}
