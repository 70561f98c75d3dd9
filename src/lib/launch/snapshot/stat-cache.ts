import { createHash } from 'node:crypto';
import { readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { makeFolder } from '../../folder.js';
import type { FileState } from './file-state.js';

/** Milliseconds in which a file may change twice without a difference that its times would show. */
const youth = 1000n;
/** Size, mtime, ctime and inode: what tells one state of a file from another without reading it. */
const fields = 4;
const stateBytes = fields * BigInt64Array.BYTES_PER_ELEMENT;
const digestLength = 64;

/**
 * The digests of one tree's files, by path and state, from one submission to the next. A file
 * that changed within a second of being read is never stored, so it is read again. A cache that is missing,
 * damaged or cannot be written costs time and nothing else.
 */
export class StatCache {
  /** What has been read since; null for a file that is too young to be remembered. */
  private readonly learned = new Map<string, { state: FileState; digest: string } | null>();
  private hits = 0;
  private likeliest = 0;

  private constructor(
    private readonly path: string,
    private readonly table: Table,
    /** Milliseconds since the epoch, from before any file was read. */
    private readonly startedAt: number,
  ) {}

  static open(path: string, now: number): StatCache {
    return new StatCache(path, readTable(path), now);
  }

  /** The digest of a file in this state; undefined when it has to be read. */
  get(path: string, { size, mtimeNs, ctimeNs, ino }: FileState): string | undefined {
    const row = this.rowOf(path);
    if (row === null) return undefined;
    const { states } = this.table;
    const at = row * fields;
    if (states[at] !== size || states[at + 1] !== mtimeNs) return undefined;
    if (states[at + 2] !== ctimeNs || states[at + 3] !== ino) return undefined;
    this.hits++;
    return this.digestOf(row);
  }

  set(path: string, state: FileState, digest: string): void {
    const newest = state.mtimeNs > state.ctimeNs ? state.mtimeNs : state.ctimeNs;
    const isYoung = newest / 1_000_000n >= BigInt(this.startedAt) - youth;
    this.learned.set(path, isYoung ? null : { state, digest });
  }

  /** Keeps what is known of the tree's present files, sorted by path, and forgets the others. */
  save(files: readonly { path: string }[]): void {
    if (this.learned.size === 0 && this.hits === this.table.paths.length) return;
    const paths: string[] = [];
    const states: bigint[] = [];
    let digests = '';
    for (const { path } of files) {
      const learned = this.learned.get(path);
      if (learned === null) continue;
      if (learned !== undefined) {
        const { size, mtimeNs, ctimeNs, ino } = learned.state;
        states.push(size, mtimeNs, ctimeNs, ino);
        digests += learned.digest;
      } else {
        const row = this.rowOf(path);
        if (row === null) continue;
        states.push(...this.table.states.subarray(row * fields, (row + 1) * fields));
        digests += this.digestOf(row);
      }
      paths.push(path);
    }
    writeTable(this.path, { paths, states: BigInt64Array.from(states), digests });
  }

  private digestOf(row: number): string {
    return this.table.digests.slice(row * digestLength, (row + 1) * digestLength);
  }

  /** Whoever asks goes through a tree much as the table does: the row after the last one is the likeliest. */
  private rowOf(path: string): number | null {
    const { paths } = this.table;
    if (paths[this.likeliest] === path) return this.likeliest++;
    let low = 0;
    for (let high = paths.length; low < high;) {
      const middle = (low + high) >> 1;
      if ((paths[middle] ?? '') < path) low = middle + 1;
      else high = middle;
    }
    if (paths[low] !== path) return null;
    this.likeliest = low + 1;
    return low;
  }
}

/** Where the cache of a tree lies: one file for each root. */
export function statCachePath(cacheDirectory: string, root: string): string {
  const key = createHash('sha256').update(realpathSync(root)).digest('hex').slice(0, 16);
  return join(cacheDirectory, 'snapshots', key);
}

/** A cache file, read: its columns lie one after the other, so that reading it costs next to nothing. */
interface Table {
  /** Sorted. */
  readonly paths: readonly string[];
  readonly states: BigInt64Array;
  /** In hex, one after the other. */
  readonly digests: string;
}

/** `air-stat-cache 2 ROWS CHECKSUM`, of the body that follows it. */
const header = /^air-stat-cache 2 (\d+) (\d+)\n/;
const longestHeader = 60;

function writeTable(path: string, { paths, states, digests }: Table): void {
  const body = Buffer.concat([
    Buffer.from(states.buffer),
    Buffer.from(digests, 'latin1'),
    Buffer.from(paths.join('\0')),
  ]);
  const head = Buffer.from(`air-stat-cache 2 ${paths.length} ${crc32(body)}\n`);
  const draft = `${path}.${process.pid}`;
  try {
    makeFolder(dirname(path), 0o700);
    writeFileSync(draft, Buffer.concat([head, body]), { mode: 0o600 });
    renameSync(draft, path);
  } catch {
    rmSync(draft, { force: true });
  }
}

/** The table of an intact cache file; an empty one otherwise. */
function readTable(path: string): Table {
  const file = readBytes(path);
  const head = header.exec(file.toString('latin1', 0, longestHeader));
  const rows = Number(head?.[1]);
  const body = file.subarray(head?.[0].length);
  if (head === null || rows === 0 || crc32(body) !== Number(head[2])) {
    return { paths: [], states: new BigInt64Array(), digests: '' };
  }
  const digestsAt = rows * stateBytes;
  const pathsAt = digestsAt + rows * digestLength;
  const start = body.byteOffset;
  return {
    paths: body.toString('utf8', pathsAt).split('\0'),
    // A copy of its own: the file's header does not end where eight bytes do.
    states: new BigInt64Array(body.buffer.slice(start, start + digestsAt)),
    digests: body.toString('latin1', digestsAt, pathsAt),
  };
}

function readBytes(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch {
    return Buffer.alloc(0);
  }
}
