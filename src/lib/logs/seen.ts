import { DigestSet } from './digest-set.js';
import { digestOf } from './digest.js';
import { compareTimes, laterOf, type LogLine } from './line.js';

const generationSize = 150_000;

/**
 * Remembers which records were delivered, in bounded memory: two generations of digests, of which the older
 * is dropped when the younger is full. What is as old as a dropped record counts as delivered.
 */
export class SeenRecords {
  private young = new DigestSet();
  private old = new DigestSet();
  private youngest: string | null = null;
  private oldest: string | null = null;
  private horizon: string | null = null;
  private horizonOfPass: string | null = null;
  private untimed = new Map<number, number>();

  /** Begins one reading of the log from some point on, in which the service names each record once. */
  beginPass(): void {
    this.horizonOfPass = this.horizon;
    this.untimed.clear();
  }

  /** Marks everything up to this time as delivered, except what {@link add} was told already. */
  dropUntil(time: string): void {
    this.horizon = time;
    this.horizonOfPass = time;
  }

  /** True when the record is new. A record is known by its id, else by its time and text. */
  add(line: LogLine, recordId: string | undefined): boolean {
    const key = this.keyOf(line, recordId);
    if (this.young.has(key) || this.old.has(key)) return false;
    if (line.time !== null && this.horizonOfPass && compareTimes(line.time, this.horizonOfPass) <= 0) {
      return false;
    }
    if (this.young.size >= generationSize) this.dropOldGeneration();
    this.young.add(key);
    this.youngest = laterOf(this.youngest, line.time);
    return true;
  }

  private dropOldGeneration(): void {
    this.horizon = this.oldest ?? this.horizon;
    this.old = this.young;
    this.oldest = this.youngest;
    this.young = new DigestSet();
    this.youngest = null;
  }

  /**
   * Equal lines without id and time are told apart by counting them within one pass: the third one of a pass
   * is the third one of the next.
   */
  private keyOf(line: LogLine, recordId: string | undefined): number {
    if (recordId) return digestOf(recordId, line.node);
    if (line.time !== null) return digestOf(`${line.node}@${line.time} ${line.body}`);
    const text = digestOf(`${line.node} ${line.body}`);
    const count = (this.untimed.get(text) ?? 0) + 1;
    this.untimed.set(text, count);
    return digestOf(`${text}*${count}`);
  }
}
