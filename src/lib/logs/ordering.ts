import type { Lanes } from './lanes.js';
import { compareTimes, isUntil, sortByTime, type LogLine } from './line.js';

/** Nodes that are asked one by one answer at different moments: so long is the youngest line held back. */
const holdMilliseconds = 200;

/** Puts the lines of all lanes into the order of their times. */
export class Ordering {
  private held: LogLine[] = [];

  constructor(private readonly lanes: Lanes) {}

  get isHolding(): boolean {
    return this.held.length > 0;
  }

  /**
   * Lines up to the time that every lane still on its way has reached. At the end of a pass `hold` keeps the
   * youngest back until the next step, so that what other nodes wrote at the same time falls into place.
   */
  take(hold: boolean): LogLine[] {
    const { active, areApart, inPass } = this.lanes;
    if (!areApart && !this.isHolding) {
      const [lane] = active;
      const lines = lane?.waiting ?? [];
      if (lane) lane.waiting = [];
      return sortByTime(lines);
    }
    const bound = active.reduce<string | null>((earliest, lane) => {
      if (!lane.inPass || !lane.reached) return earliest;
      return !earliest || compareTimes(lane.reached, earliest) < 0 ? lane.reached : earliest;
    }, null);
    const ready = [...this.held];
    for (const lane of active) {
      const waiting: LogLine[] = [];
      for (const line of lane.waiting) (isUntil(line.time, bound) ? ready : waiting).push(line);
      lane.waiting = waiting;
    }
    sortByTime(ready);
    const keep = hold && !inPass ? this.youngest(ready) : 0;
    this.held = ready.splice(ready.length - keep);
    return ready;
  }

  /** How many of these lines came within the hold window before the last one. Held once, a line is not held again. */
  private youngest(lines: readonly LogLine[]): number {
    const last = lines.at(-1)?.time;
    if (!last) return 0;
    const window = (BigInt(last) - BigInt(holdMilliseconds) * 1_000_000n).toString();
    const held = new Set(this.held);
    let count = 0;
    for (let index = lines.length - 1; index >= 0; index--, count++) {
      const line = lines[index];
      if (!line || isUntil(line.time, window) || held.has(line)) break;
    }
    return count;
  }
}
