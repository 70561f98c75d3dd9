import type { Run } from '../../workspace/contract/index.js';

/** What a listing left out, counted while it goes on. */
export interface Tally {
  /** Runs looked at, whatever their kind. */
  inspected: number;
  /** Runs that exist no more, or that the caller may not see. */
  dropped: number;
  /** The listing ended at its limit, and there may be further runs. */
  more: boolean;
  /** The listing gave up before it had seen every run. */
  truncated: boolean;
}

/** Requests that a listing has in flight at most: one page of rows. */
export const requestsAtOnce = 25;

/** Runs that a listing looks at before it gives up. */
export const inspectedAtMost = 10_000;

/** Runs that a source hands over together. */
export interface RunGroup {
  readonly runs: readonly Run[];
  /** Whether the source may have further ones. */
  readonly more: boolean;
}
