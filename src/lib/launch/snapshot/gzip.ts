import { availableParallelism } from 'node:os';
import { promisify } from 'node:util';
import { constants, crc32, deflateRaw } from 'node:zlib';

const deflate = promisify<Buffer, import('node:zlib').ZlibOptions, Buffer>(deflateRaw);

const blockBytes = 1 << 20;
/** What deflate can look back on: the end of a block helps to compress the next one. */
const windowBytes = 32 << 10;
/** Node compresses in its thread pool, which has four threads unless the user says otherwise. */
const threads = Math.min(availableParallelism(), 4);

/** Gzip, deflate, no name, no time, made on Unix. */
const header = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
/** An empty last block. */
const lastBlock = Buffer.from([3, 0]);

/**
 * One gzip member, compressed by several threads: blocks of 1 MiB, each ended at a byte's border, and in
 * their order. The bytes depend on the input and on Node's zlib, never on timing. At most a few blocks are in
 * memory at a time.
 */
export class ParallelGzip {
  private readonly compressing: Promise<Buffer>[] = [];
  private readonly spare: Buffer[] = [];
  private block: Buffer = Buffer.allocUnsafe(blockBytes);
  private used = 0;
  private window: Buffer = Buffer.alloc(0);
  private checksum = 0;
  private total = 0;
  private started = false;

  constructor(private readonly sink: (bytes: Buffer) => Promise<void>) {}

  /**
   * Has `source` put up to `wanted` bytes at an offset of a buffer, where there is room for `length` of them
   * (at least one); it answers how many it has put there. Answers those bytes, good until the next call.
   */
  fill(wanted: number, source: (buffer: Buffer, offset: number, length: number) => number): Buffer {
    const { block, used } = this;
    const bytes = source(block, used, Math.min(wanted, blockBytes - used));
    this.used += bytes;
    const filled = block.subarray(used, this.used);
    if (this.used === blockBytes) this.compressBlock();
    return filled;
  }

  /** Whoever writes looks at {@link isBehind} now and then. */
  write(bytes: Buffer): void {
    for (let at = 0; at < bytes.length;) {
      const taken = bytes.copy(this.block, this.used, at);
      at += taken;
      this.used += taken;
      if (this.used === blockBytes) this.compressBlock();
    }
  }

  /** More waits than the threads have to do: {@link catchUp} keeps memory flat. */
  get isBehind(): boolean {
    return this.compressing.length > threads;
  }

  async catchUp(): Promise<void> {
    while (this.isBehind) await this.writeOldest();
  }

  async end(): Promise<void> {
    if (this.used > 0) this.compressBlock();
    while (this.compressing.length > 0) await this.writeOldest();
    const trailer = Buffer.alloc(8);
    trailer.writeUInt32LE(this.checksum, 0);
    trailer.writeUInt32LE(this.total % 2 ** 32, 4);
    await this.writeOut(Buffer.concat([lastBlock, trailer]));
  }

  private compressBlock(): void {
    const { block } = this;
    const input = block.subarray(0, this.used);
    this.checksum = crc32(input, this.checksum);
    this.total += input.length;
    const options = { finishFlush: constants.Z_SYNC_FLUSH, chunkSize: blockBytes / 4 };
    const compressed = deflate(
      input,
      this.window.length === 0 ? options : { ...options, dictionary: this.window },
    );
    // Whoever waits for the oldest block meets the failure; the others must not count as unhandled.
    compressed.then(() => this.spare.push(block)).catch(() => undefined);
    this.compressing.push(compressed);
    this.window = Buffer.from(input.subarray(-windowBytes));
    this.used = 0;
    this.block = this.spare.pop() ?? Buffer.allocUnsafe(blockBytes);
  }

  private async writeOldest(): Promise<void> {
    const compressed = await this.compressing.shift();
    if (compressed !== undefined) await this.writeOut(compressed);
  }

  private async writeOut(bytes: Buffer): Promise<void> {
    if (!this.started) await this.sink(header);
    this.started = true;
    await this.sink(bytes);
  }
}
