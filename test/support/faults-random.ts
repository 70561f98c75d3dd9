/** Repeatable random numbers: the same seed gives the same run. */
export class Random {
  private state: number;

  constructor(seed: number) {
    this.state = (seed * 2_654_435_761 + 97) >>> 0;
  }

  /** From 0 (included) to 1 (excluded). */
  next(): number {
    this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0;
    const mixed = Math.imul(this.state ^ (this.state >>> 15), 0x2c1b_3c6d);
    return ((mixed ^ (mixed >>> 13)) >>> 0) / 0x1_0000_0000;
  }

  /** A whole number from `low` to `high`, both included. */
  between(low: number, high: number): number {
    return low + Math.floor(this.next() * (high - low + 1));
  }

  chance(probability: number): boolean {
    return this.next() < probability;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.between(0, choices.length - 1)] as T;
  }

  shuffle<T>(items: T[]): T[] {
    for (let index = items.length - 1; index > 0; index--) {
      const other = this.between(0, index);
      [items[index], items[other]] = [items[other] as T, items[index] as T];
    }
    return items;
  }
}
