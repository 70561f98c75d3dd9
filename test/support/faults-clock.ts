import type { Clock } from '../../src/lib/io.js';

interface Sleeper {
  at: number;
  wake: () => void;
}

/**
 * A clock that jumps: it stands still while requests are under way and goes straight to the next waking when
 * everything sleeps. Hours pass in milliseconds, in the same order as they would.
 */
export class JumpingClock implements Clock {
  private sleepers: Sleeper[] = [];
  private pumping = false;
  /** Requests that are being answered: time waits for them. */
  busy = 0;

  constructor(private time: number) {}

  now(): number {
    return this.time;
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const sleeper = { at: this.time + Math.max(0, milliseconds), wake: () => finish(resolve) };
      const abort = () => finish(() => reject(signal?.reason as Error));
      const finish = (settle: () => void) => {
        this.sleepers = this.sleepers.filter((each) => each !== sleeper);
        signal?.removeEventListener('abort', abort);
        settle();
      };
      if (signal?.aborted) {
        abort();
        return;
      }
      signal?.addEventListener('abort', abort, { once: true });
      this.sleepers.push(sleeper);
      void this.pump();
    });
  }

  private async pump(): Promise<void> {
    if (this.pumping) return;
    this.pumping = true;
    while (this.sleepers.length > 0) {
      await new Promise((resolve) => setImmediate(resolve));
      await new Promise((resolve) => setImmediate(resolve));
      if (this.busy > 0) continue;
      const next = this.sleepers.reduce<Sleeper | undefined>(
        (earliest, each) => (!earliest || each.at < earliest.at ? each : earliest),
        undefined,
      );
      if (!next) break;
      this.time = Math.max(this.time, next.at);
      next.wake();
    }
    this.pumping = false;
  }
}
