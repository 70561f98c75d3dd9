import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, realpathSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32 } from 'node:zlib';
import { identityOf, type FileState } from './file-state.js';

/** Milliseconds in which a file may change twice without a difference that its times would show. */
const youth = 1000n;
const header = 'air-stat-cache 1 ';
const digestLength = 64;

/**
 * The digests of one tree's files, by path and identity, from one submission to the next. A file
 * that changed within a second of being read is never stored, so it is read again. A cache that is missing,
 * damaged or cannot be written costs time and nothing else.
 */
export class StatCache {
  private hits = 0;
  private changed = false;

  private constructor(
    private readonly path: string,
    /** By path: identity, a space, digest. */
    private readonly known: Map<string, string>,
    /** Milliseconds since the epoch, from before any file was read. */
    private readonly startedAt: number,
  ) {}

  static open(path: string, now: number): StatCache {
    return new StatCache(path, read(path), now);
  }

  /** The digest of a file in this state; undefined when it has to be read. */
  get(path: string, state: FileState): string | undefined {
    const record = this.known.get(path);
    if (record?.startsWith(`${identityOf(state)} `) !== true) return undefined;
    this.hits++;
    return record.slice(-digestLength);
  }

  set(path: string, state: FileState, digest: string): void {
    this.changed = true;
    const newest = state.mtimeNs > state.ctimeNs ? state.mtimeNs : state.ctimeNs;
    if (newest / 1_000_000n >= BigInt(this.startedAt) - youth) this.known.delete(path);
    else this.known.set(path, `${identityOf(state)} ${digest}`);
  }

  /** Keeps what is known of the tree's present files, and forgets the others. */
  save(files: readonly { path: string }[]): void {
    if (!this.changed && this.hits === this.known.size) return;
    const records = files.map(({ path }) => {
      const record = this.known.get(path);
      return record === undefined ? '' : `${record} ${path}\0`;
    });
    const body = records.join('');
    const draft = `${this.path}.${process.pid}`;
    try {
      mkdirSync(dirname(this.path), { recursive: true, mode: 0o700 });
      writeFileSync(draft, `${header}${crc32(body)}\n${body}`, { mode: 0o600 });
      renameSync(draft, this.path);
    } catch {
      rmSync(draft, { force: true });
    }
  }
}

/** Where the cache of a tree lies: one file for each root. */
export function statCachePath(cacheDirectory: string, root: string): string {
  const key = createHash('sha256').update(realpathSync(root)).digest('hex').slice(0, 16);
  return join(cacheDirectory, 'snapshots', key);
}

function read(path: string): Map<string, string> {
  const known = new Map<string, string>();
  const text = readCache(path);
  let start = 0;
  for (let end = text.indexOf('\0'); end >= 0; end = text.indexOf('\0', start)) {
    const pathStart = text.indexOf(' ', endOfIdentity(text, start) + 1) + 1;
    known.set(text.slice(pathStart, end), text.slice(start, pathStart - 1));
    start = end + 1;
  }
  return known;
}

function endOfIdentity(text: string, start: number): number {
  let at = start - 1;
  for (let field = 0; field < 4; field++) at = text.indexOf(' ', at + 1);
  return at;
}

/** The body of an intact cache file; empty otherwise. */
function readCache(path: string): string {
  try {
    const text = readFileSync(path, 'utf8');
    const body = text.slice(text.indexOf('\n') + 1);
    return text.startsWith(`${header}${crc32(body)}\n`) ? body : '';
  } catch {
    return '';
  }
}
