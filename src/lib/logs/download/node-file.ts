import { closeSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A piece of a node's log: a line with its line end, or a stored chunk. */
export interface Piece {
  /** Its place in the log: the line's time in nanoseconds, or the chunk's number. */
  readonly at: bigint;
  readonly bytes: Buffer;
}

interface Entry {
  readonly at: bigint;
  /** The offset behind the piece. */
  readonly end: number;
}

const entrySize = 16;
const readAhead = 256 * 1024;

export function nodeFilePath(folder: string, node: number): string {
  return join(folder, `node_${node}.log`);
}

/**
 * A node's log while it is downloaded. Beside it lies an index of its pieces, written after them: what the index
 * names is whole, so that an interrupted download goes on there.
 */
export class NodeFile {
  private readonly log: number;
  private readonly index: number;
  private entries: number;
  private size: number;

  constructor(
    folder: string,
    readonly node: number,
  ) {
    const path = nodeFilePath(folder, node);
    this.log = openSync(path, 'a+', 0o644);
    this.index = openSync(join(folder, `.node_${node}.index`), 'a+', 0o644);
    this.entries = Math.floor(fstatSync(this.index).size / entrySize);
    const written = fstatSync(this.log).size;
    while (this.entries > 0 && this.entryAt(this.entries - 1).end > written) this.entries--;
    this.size = this.cut();
  }

  get bytes(): number {
    return this.size;
  }

  /** The place of the last whole piece; null when there is none. */
  get last(): bigint | null {
    return this.entries === 0 ? null : this.entryAt(this.entries - 1).at;
  }

  /** Takes away the pieces at this place and behind it: they will be read again. */
  dropFrom(at: bigint): void {
    while (this.entries > 0 && this.entryAt(this.entries - 1).at >= at) this.entries--;
    this.size = this.cut();
  }

  /** Adds whole pieces. */
  append(pieces: readonly Piece[]): void {
    this.write(Buffer.concat(pieces.map(({ bytes }) => bytes)));
    let end = this.size - pieces.reduce((sum, { bytes }) => sum + bytes.length, 0);
    const block = Buffer.allocUnsafe(pieces.length * entrySize);
    pieces.forEach(({ at, bytes }, number) => {
      end += bytes.length;
      block.writeBigUInt64LE(at, number * entrySize);
      block.writeBigUInt64LE(BigInt(end), number * entrySize + 8);
    });
    writeFully(this.index, block);
    this.entries += pieces.length;
  }

  /** The place of the first piece without a byte: it could not be read. */
  get firstGap(): bigint | null {
    let before = 0;
    for (const { at, end } of this.everyEntry()) {
      if (end === before) return at;
      before = end;
    }
    return null;
  }

  /** Adds bytes of a piece that is not whole yet. */
  write(bytes: Buffer): void {
    writeFully(this.log, bytes);
    this.size += bytes.length;
  }

  /** Takes back what was written of a piece that is not whole. */
  discard(): void {
    this.size = this.cut();
  }

  /** Makes what was written since the last piece a piece, be it empty. */
  seal(at: bigint): void {
    const block = Buffer.allocUnsafe(entrySize);
    block.writeBigUInt64LE(at, 0);
    block.writeBigUInt64LE(BigInt(this.size), 8);
    writeFully(this.index, block);
    this.entries++;
  }

  /** The whole pieces, from the first one on. */
  *pieces(): Generator<Piece> {
    let buffer = Buffer.alloc(0);
    let start = 0;
    let from = 0;
    for (const { at, end } of this.everyEntry()) {
      if (end > start + buffer.length) {
        buffer = Buffer.allocUnsafe(Math.min(Math.max(readAhead, end - from), this.size - from));
        readSync(this.log, buffer, 0, buffer.length, from);
        start = from;
      }
      yield { at, bytes: buffer.subarray(from - start, end - start) };
      from = end;
    }
  }

  close(): void {
    closeSync(this.log);
    closeSync(this.index);
  }

  private cut(): number {
    ftruncateSync(this.index, this.entries * entrySize);
    const size = this.entries === 0 ? 0 : this.entryAt(this.entries - 1).end;
    ftruncateSync(this.log, size);
    return size;
  }

  private entryAt(number: number): Entry {
    const block = Buffer.alloc(entrySize);
    readSync(this.index, block, 0, entrySize, number * entrySize);
    return { at: block.readBigUInt64LE(0), end: Number(block.readBigUInt64LE(8)) };
  }

  private *everyEntry(): Generator<Entry> {
    const block = Buffer.alloc(entrySize * 4096);
    for (let first = 0; first < this.entries; first += 4096) {
      const count = Math.min(4096, this.entries - first);
      readSync(this.index, block, 0, count * entrySize, first * entrySize);
      for (let number = 0; number < count; number++) {
        const at = block.readBigUInt64LE(number * entrySize);
        yield { at, end: Number(block.readBigUInt64LE(number * entrySize + 8)) };
      }
    }
  }
}

function writeFully(handle: number, block: Buffer): void {
  for (let written = 0; written < block.length;) written += writeSync(handle, block, written);
}
