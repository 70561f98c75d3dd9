import { closeSync, ftruncateSync, openSync, writeSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { indexEntry, indexOf, indexSpacing, longestLine, recordHeader } from './log-format.js';
import { removeOpenLine, stateOf, writeOpenLine } from './open-line.js';

const newline = 0x0a;
/** Milliseconds after which a line that has not ended is shown, and between its states. */
const openLineDelay = 500;

/** Appends a node's output to its log, each line stamped. Times of one log strictly ascend, whatever the clock does. */
export class LogWriter {
  private readonly log: number;
  private readonly index: number;
  private size = 0;
  private nextIndexed = 0;
  private lastTime = 0n;
  /** The pieces of a line whose end has not come yet. */
  private pending: Buffer[] = [];
  private pendingLength = 0;
  private pendingSince = 0;
  private openLineTimer: NodeJS.Timeout | undefined;
  private broken = false;

  constructor(private readonly file: string) {
    this.log = openSync(file, 'a', 0o600);
    this.index = openSync(indexOf(file), 'a', 0o600);
  }

  /** Takes bytes as they come from the node. */
  write(chunk: Buffer): void {
    const lines: Buffer[] = [];
    let from = 0;
    for (;;) {
      const end = chunk.indexOf(newline, from);
      if (end === -1) break;
      lines.push(...this.completed(chunk.subarray(from, end)));
      from = end + 1;
    }
    if (from < chunk.length) {
      if (this.pendingLength === 0) this.pendingSince = performance.now();
      this.pending.push(chunk.subarray(from));
      this.pendingLength += chunk.length - from;
      if (this.pendingLength >= longestLine) lines.push(...this.completed(Buffer.alloc(0)));
    }
    if (lines.length > 0) this.append(lines);
    if (this.pendingLength > 0) this.showLater();
  }

  /** A line of the workspace's own, between those of the node. */
  line(text: string): void {
    this.append(text.split('\n').map((line) => Buffer.from(line)));
  }

  /** Writes a last line that had no end. */
  close(): void {
    clearTimeout(this.openLineTimer);
    removeOpenLine(this.file);
    if (this.pendingLength > 0) this.append(this.completed(Buffer.alloc(0)));
    closeSync(this.log);
    closeSync(this.index);
  }

  /** Sees to it that the line which has not ended can be seen soon, if it has not ended by then. */
  private showLater(wait = openLineDelay): void {
    this.openLineTimer ??= setTimeout(() => {
      this.openLineTimer = undefined;
      if (this.pendingLength === 0) return;
      const age = performance.now() - this.pendingSince;
      if (age < openLineDelay) this.showLater(openLineDelay - age);
      else this.showOpenLine();
    }, wait);
    this.openLineTimer.unref();
  }

  private showOpenLine(): void {
    const state = stateOf(this.pending);
    if (state === '' || this.broken) return;
    this.lastTime = this.nextTime(BigInt(Date.now()) * 1_000_000n);
    try {
      writeOpenLine(this.file, { offset: this.size, time: this.lastTime, state });
    } catch {
      // The disk is full, which is said when the line cannot be written.
    }
  }

  private nextTime(now: bigint): bigint {
    return now > this.lastTime ? now : this.lastTime + 1n;
  }

  private completed(tail: Buffer): Buffer[] {
    if (this.pendingLength === 0) return cut(tail);
    const line = Buffer.concat([...this.pending, tail]);
    this.pending = [];
    this.pendingLength = 0;
    return cut(line);
  }

  /** All of the lines or none: what a full disk cut off is taken back, and nothing is written after it. */
  private append(lines: readonly Buffer[]): void {
    if (this.broken) return;
    try {
      this.appendBlock(lines);
    } catch (error) {
      this.broken = true;
      ftruncateSync(this.log, this.size);
      throw error;
    }
  }

  private appendBlock(lines: readonly Buffer[]): void {
    const block = Buffer.allocUnsafe(lines.reduce((sum, line) => sum + recordHeader + line.length, 0));
    const entries: Buffer[] = [];
    const now = BigInt(Date.now()) * 1_000_000n;
    let at = 0;
    for (const line of lines) {
      this.lastTime = this.nextTime(now);
      if (this.size + at >= this.nextIndexed) {
        const entry = Buffer.alloc(indexEntry);
        entry.writeBigUInt64LE(BigInt(this.size + at), 0);
        entry.writeBigUInt64LE(this.lastTime, 8);
        entries.push(entry);
        this.nextIndexed = this.size + at + indexSpacing;
      }
      block.writeUInt32LE(line.length, at);
      block.writeBigUInt64LE(this.lastTime, at + 4);
      line.copy(block, at + recordHeader);
      at += recordHeader + line.length;
    }
    writeFully(this.log, block);
    this.size += block.length;
    if (entries.length > 0) writeFully(this.index, Buffer.concat(entries));
  }
}

function cut(line: Buffer): Buffer[] {
  if (line.length <= longestLine) return [line];
  const pieces: Buffer[] = [];
  for (let at = 0; at < line.length; at += longestLine) pieces.push(line.subarray(at, at + longestLine));
  return pieces;
}

function writeFully(handle: number, block: Buffer): void {
  let written = 0;
  while (written < block.length) written += writeSync(handle, block, written);
}
