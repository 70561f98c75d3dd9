import { setImmediate as nextTurn } from 'node:timers/promises';

/** Milliseconds of work without a break: short enough for signals and progress. */
const longestStretch = 20;

/**
 * Breaks for long synchronous work. Small files are read fastest synchronously; in between, the event loop
 * must see signals, timers and the answers of others.
 */
export class Pacer {
  private lastBreak = performance.now();

  constructor(private readonly signal: AbortSignal) {}

  /** Asked often: a promise for every small file would cost more than the file. */
  get isDue(): boolean {
    return performance.now() - this.lastBreak >= longestStretch;
  }

  /** Lets the event loop run; rejects with the signal's reason when aborted. */
  async breathe(): Promise<void> {
    await nextTurn();
    this.signal.throwIfAborted();
    this.lastBreak = performance.now();
  }
}
