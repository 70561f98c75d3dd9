import type { Clock } from '../../src/lib/io.js';

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/**
 * A clock that jumps: it stands still while anything is on its way and goes straight to the next waking when
 * everything sleeps. Hours pass in milliseconds, in the same order as they would.
 */
export class JumpingClock implements Clock {
  private readonly sleepers = new Set<Sleeper>();
  private underWay = 0;
  private jump: NodeJS.Immediate | undefined;

  constructor(private time: number) {}

  now(): number {
    return this.time;
  }

  /** Something is on its way: time waits for it. */
  begin(): void {
    this.underWay++;
  }

  /** It has arrived. */
  end(): void {
    this.underWay--;
    this.jumpWhenQuiet();
  }

  sleep(milliseconds: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const sleeper = { at: this.time + Math.max(0, milliseconds), wake: () => finish(resolve) };
      const abort = () => finish(() => reject(signal?.reason as Error));
      const finish = (settle: () => void) => {
        this.sleepers.delete(sleeper);
        signal?.removeEventListener('abort', abort);
        settle();
      };
      if (signal?.aborted) {
        abort();
        return;
      }
      signal?.addEventListener('abort', abort, { once: true });
      this.sleepers.add(sleeper);
      this.jumpWhenQuiet();
    });
  }

  /** Promises settle before an immediate runs: what they start is then counted. */
  private jumpWhenQuiet(): void {
    if (this.jump || this.underWay > 0) return;
    this.jump = setImmediate(() => {
      this.jump = undefined;
      if (this.underWay > 0) return;
      let next: Sleeper | undefined;
      for (const sleeper of this.sleepers) if (!next || sleeper.at < next.at) next = sleeper;
      if (!next) return;
      this.time = Math.max(this.time, next.at);
      next.wake();
      this.jumpWhenQuiet();
    });
  }
}
