import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { systemCode } from '../../errors.js';
import { indexEntry, indexOf, recordHeader } from './log-format.js';

/** One line of a node's log. */
export interface StoredLine {
  /** Where its record begins; with the log's name this is the line's identity. */
  readonly offset: number;
  /** Where the next record begins. */
  readonly end: number;
  /** Nanoseconds since the epoch. */
  readonly time: bigint;
  readonly body: Buffer;
}

const readSize = 256 * 1024;

/** Reads a node's log while it may still be written. What it holds in memory does not depend on the log's size. */
export class LogReader {
  private readonly log: number | undefined;
  private readonly index: number | undefined;

  constructor(file: string) {
    this.log = openIfThere(file);
    this.index = openIfThere(indexOf(file));
  }

  close(): void {
    if (this.log !== undefined) closeSync(this.log);
    if (this.index !== undefined) closeSync(this.index);
  }

  /** Bytes of the log, an unfinished record included. */
  get size(): number {
    return this.log === undefined ? 0 : fstatSync(this.log).size;
  }

  /** The lines from a record's offset on, oldest first. */
  *forward(offset: number, until = this.size): Generator<StoredLine> {
    if (this.log === undefined) return;
    let buffer = Buffer.alloc(0);
    let at = offset;
    let start = offset;
    for (;;) {
      const have = buffer.length - (at - start);
      const length = have >= recordHeader ? buffer.readUInt32LE(at - start) : undefined;
      if (length !== undefined && have >= recordHeader + length) {
        const position = at - start;
        const end = at + recordHeader + length;
        if (end > until) return;
        yield {
          offset: at,
          end,
          time: buffer.readBigUInt64LE(position + 4),
          body: buffer.subarray(position + recordHeader, position + recordHeader + length),
        };
        at = end;
        continue;
      }
      const wanted = Math.max(readSize, recordHeader + (length ?? 0));
      const next = Buffer.allocUnsafe(Math.min(wanted, Math.max(0, until - at)));
      const got = readSync(this.log, next, 0, next.length, at);
      if (got <= have) return;
      buffer = next.subarray(0, got);
      start = at;
    }
  }

  /** The lines before an offset, newest first. */
  *backward(before: number): Generator<StoredLine> {
    let end = before;
    for (let entry = this.entryBefore((offset) => offset < end); entry >= 0; entry--) {
      const from = this.entry(entry).offset;
      if (from >= end) continue;
      const lines = [...this.forward(from, end)];
      end = from;
      yield* lines.reverse();
    }
  }

  /** The offset of a record that lies before, but not far before, the first one at or after this time. */
  seek(time: bigint): number {
    const entry = this.entryBefore((offset, at) => offset < this.size && at < time);
    return entry < 0 ? 0 : this.entry(entry).offset;
  }

  /** The offset of a record that lies behind, but not far behind, the last one at or before this time. */
  seekBehind(time: bigint): number {
    const entry = this.entryBefore((offset, at) => offset < this.size && at <= time) + 1;
    const { size } = this;
    return entry < this.entries ? Math.min(this.entry(entry).offset, size) : size;
  }

  /** The offset of the first record that the index names at or behind an offset. */
  indexedFrom(offset: number): number | undefined {
    const entry = this.entryBefore((at) => at < offset) + 1;
    return entry < this.entries ? this.entry(entry).offset : undefined;
  }

  private get entries(): number {
    return this.index === undefined ? 0 : Math.floor(fstatSync(this.index).size / indexEntry);
  }

  /** The last index entry for which the test holds; it must hold for all entries before it. -1 for none. */
  private entryBefore(holds: (offset: number, time: bigint) => boolean): number {
    let low = 0;
    let high = this.entries;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const { offset, time } = this.entry(middle);
      if (holds(offset, time)) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  private entry(number: number): { offset: number; time: bigint } {
    const buffer = Buffer.alloc(indexEntry);
    if (this.index !== undefined) readSync(this.index, buffer, 0, indexEntry, number * indexEntry);
    return { offset: Number(buffer.readBigUInt64LE(0)), time: buffer.readBigUInt64LE(8) };
  }
}

function openIfThere(file: string): number | undefined {
  try {
    return openSync(file, 'r');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
