import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync, type BigIntStats } from 'node:fs';
import { join } from 'node:path';
import { AirError, systemCode } from '../../errors.js';
import type { Context } from '../../io.js';
import type { ListedFile } from './listing.js';
import { Pacer } from './pace.js';
import { identityOf, StatCache } from './stat-cache.js';

/** One entry of an archive. Of a file's mode only the owner's exec bit is kept, as git does. */
export type SnapshotEntry =
  | {
      readonly type: 'file';
      readonly path: string;
      readonly executable: boolean;
      readonly bytes: number;
      /** SHA-256 of the content, in hex. */
      readonly digest: string;
    }
  | { readonly type: 'link'; readonly path: string; readonly target: string };

/** Changes whenever the same entries would make another archive. */
const format = 'air-snapshot 1';
const executableByOwner = 0o100n;
const readAttempts = 3;
const chunkBytes = 1 << 20;

/** Reads what the archive will hold of each file. Contents are read only where the cache does not know them. */
export async function readEntries(
  root: string,
  files: readonly ListedFile[],
  cachePath: string,
  context: Context,
): Promise<SnapshotEntry[]> {
  const cache = StatCache.open(cachePath, context.clock.now());
  const hasher = new FileHasher(new Pacer(context.signal));
  const entries: SnapshotEntry[] = [];
  for (const { path, stat: listed } of files) {
    const absolute = join(root, path);
    if (listed.isSymbolicLink()) {
      entries.push({ type: 'link', path, target: readlinkSync(absolute) });
      continue;
    }
    let stat = listed;
    let digest = cache.get(path, identityOf(stat));
    if (digest === undefined) {
      ({ stat, digest } = await hasher.hash(absolute, listed));
      cache.set(path, stat, digest);
    }
    const executable = (stat.mode & executableByOwner) !== 0n;
    entries.push({ type: 'file', path, executable, bytes: Number(stat.size), digest });
  }
  cache.save();
  return entries;
}

/** The name of these entries: the same for the same tree, wherever and whenever it lies. */
export function fingerprint(directory: string, entries: readonly SnapshotEntry[]): string {
  const hash = createHash('sha256').update(`${format}\0${directory}\0`);
  for (const entry of entries) {
    hash.update(
      entry.type === 'file'
        ? `${entry.path}\0${entry.executable ? 'x' : 'f'}\0${entry.digest}\0`
        : `${entry.path}\0l\0${entry.target}\0`,
    );
  }
  return hash.digest('hex');
}

/** Hashes files one after the other through one buffer. */
class FileHasher {
  private readonly chunk = Buffer.allocUnsafe(chunkBytes);

  constructor(private readonly pacer: Pacer) {}

  /** The digest of a file and the state it was in from the first byte read to the last. */
  async hash(path: string, listed: BigIntStats): Promise<{ digest: string; stat: BigIntStats }> {
    let before = listed;
    for (let attempt = 0; attempt < readAttempts; attempt++) {
      const { digest, stat: after } = await this.hashOnce(path);
      if (identityOf(before) === identityOf(after)) return { digest, stat: after };
      before = after;
    }
    throw changedError(path, 'while it was being read');
  }

  private async hashOnce(path: string): Promise<{ digest: string; stat: BigIntStats }> {
    const file = openForReading(path);
    try {
      const hash = createHash('sha256');
      for (let read = -1; read !== 0;) {
        read = readSync(file, this.chunk, 0, chunkBytes, null);
        hash.update(this.chunk.subarray(0, read));
        await this.pacer.breathe();
      }
      return { digest: hash.digest('hex'), stat: fstatSync(file, { bigint: true }) };
    } finally {
      closeSync(file);
    }
  }
}

/** Opens a listed file; a link that has taken its place is not followed. */
export function openForReading(path: string): number {
  try {
    return openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ELOOP' || code === 'ENOTDIR')
      throw changedError(path, 'meanwhile', error);
    if (code !== 'EACCES' && code !== 'EPERM') throw error;
    throw new AirError('INVALID_CONFIG', `${path} cannot be shipped: you may not read it.`, {
      hint: 'Make it readable, or name it in an .airignore file.',
      cause: error,
    });
  }
}

/** The error for a file that does not hold still: nothing was sent, and the next try may go well. */
export function changedError(path: string, when: string, cause?: unknown): AirError {
  return new AirError('CONFLICT', `${path} changed ${when}: the code was not shipped.`, {
    kind: 'TRANSIENT',
    hint: 'Try again once nothing writes to it, or name it in an .airignore file.',
    cause,
  });
}
