import type { Clock } from '../io.js';
import type { Run } from '../workspace/index.js';
import type { AttemptStep } from './attempt.js';
import { compareTimes, nanosecondsOf, type LogLine } from './line.js';

const emptyPassesNeeded = 3;
/** Even where no lag was seen so far. The local workspace has none. */
const shortestWait = 1500;
const shortestWaitLocal = 100;
const shortestInterval = 50;
const longestWait = 6000;
/** The last chunk is uploaded after the end. */
const waitForFiles = 3000;
const longOver = 30_000;
const longOverLocal = 2000;
/** After the end, a source that fails for so long without a break is given up. */
const longestOutage = 60_000;

/** Whether a run ended so long before `now` (milliseconds since the epoch) that all its lines must have come. */
export function isLongOver(run: Run, now: number, isLocal: boolean): boolean {
  const end = run.end_time ?? 0;
  return end > 0 && now - end > (isLocal ? longOverLocal : longOver);
}

/**
 * Decides when an ended attempt's last lines have surely come. A log service may lag behind the run: how far
 * is measured from lines that were older than an earlier reading which did not have them.
 */
export class Settling {
  private begun: number | null = null;
  private quietSince: number | null = null;
  private emptyPasses = 0;
  private failingSince: number | null = null;
  private lag: number | null = null;
  private source: AttemptStep['source'] = 'service';
  private isLongOver = false;
  /** When the last reading that came to the end of the log began. */
  private lastCaughtUp: number | null = null;

  constructor(
    private readonly clock: Clock,
    private readonly isLocal: boolean,
  ) {}

  /** The attempt has ended: from now on empty readings count. */
  begin(run: Run): void {
    if (this.begun !== null) return;
    this.begun = this.clock.now();
    this.isLongOver = isLongOver(run, this.begun, this.isLocal);
  }

  /** Takes note of one reading that began at `started`. */
  saw(step: AttemptStep, started: number): void {
    if (step.lines.length > 0) this.measure(step.lines);
    this.source = step.source;
    if (step.failed && step.lines.length === 0) {
      this.failingSince ??= started;
      return;
    }
    this.failingSince = null;
    if (step.failed) return;
    if (!step.more) this.lastCaughtUp = started;
    if (this.begun === null) return;
    if (step.lines.length > 0) {
      this.emptyPasses = 0;
      this.quietSince = null;
    } else if (!step.more) {
      this.emptyPasses++;
      this.quietSince ??= started;
    }
  }

  /** Milliseconds between readings while settling. */
  get interval(): number {
    return Math.max(shortestInterval, this.needed / 4);
  }

  isOver(step: AttemptStep): boolean {
    if (this.begun === null) return false;
    const now = this.clock.now();
    if (step.failed) return this.failingSince !== null && now - this.failingSince > longestOutage;
    if (step.more) return false;
    if (this.quietSince === null) return false;
    if (this.isLongOver) return true;
    return this.emptyPasses >= emptyPassesNeeded && now - this.quietSince >= this.needed;
  }

  /** How long the end must have been quiet: twice as long as lines were ever seen to lag. */
  private get needed(): number {
    if (this.source === 'files') return waitForFiles;
    if (this.lag === null) return shortestWait;
    const shortest = this.isLocal ? shortestWaitLocal : shortestWait;
    return Math.min(Math.max(this.lag * 2, shortest), longestWait);
  }

  private measure(lines: readonly LogLine[]): void {
    // Lines read in one go, after they were all there, say nothing about how late they came.
    if (this.lastCaughtUp === null) return;
    this.lag ??= 0;
    const before = nanosecondsOf(this.lastCaughtUp);
    for (const { time } of lines) {
      if (time === null || compareTimes(time, before) >= 0) continue;
      this.lag = Math.max(this.lag, this.lastCaughtUp - Number(BigInt(time) / 1_000_000n));
    }
  }
}
