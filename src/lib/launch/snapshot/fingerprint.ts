import { isUtf8 } from 'node:buffer';
import { createHash, hash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from 'node:fs';
import { AirError, systemCode } from '../../errors.js';
import type { Context } from '../../io.js';
import { isSameState, stateOf, type FileState } from './file-state.js';
import { escaped } from './names.js';
import { Pacer } from './pace.js';
import type { StatCache } from './stat-cache.js';

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
  | { readonly type: 'link'; readonly path: string; readonly bytes: 0; readonly target: string };

/** Changes whenever the same entries would make another archive. */
const format = 'air-snapshot 1';
const readAttempts = 3;
/** Milliseconds between two reports of progress. */
const reportInterval = 100;
const chunkBytes = 1 << 20;

/** A file whose content has to be read before it is an entry. */
export interface UnreadFile {
  readonly type: 'unread';
  readonly path: string;
  readonly state: FileState;
}

/** What the archive will hold of a listed file or link, as far as that is known without reading the file. */
export function listedEntry(
  root: string,
  path: string,
  state: FileState,
  cache: StatCache,
): SnapshotEntry | UnreadFile {
  if (state.type === 'link') return { type: 'link', path, bytes: 0, target: readTarget(`${root}/${path}`) };
  const digest = cache.get(path, state);
  return digest === undefined ? { type: 'unread', path, state } : fileEntry(path, state, digest);
}

/**
 * Reads the files that the cache did not know, and has it know them from now on. `onProgress` is told what has been
 * read so far, a few times a second.
 */
export async function readEntries(
  root: string,
  listed: readonly (SnapshotEntry | UnreadFile)[],
  cache: StatCache,
  context: Context,
  onProgress?: (done: { files: number; bytes: number }) => void,
): Promise<SnapshotEntry[]> {
  const hasher = new FileHasher(new Pacer(context.signal));
  const done = { files: 0, bytes: 0 };
  let reportedAt = performance.now();
  const entries: SnapshotEntry[] = [];
  for (const entry of listed) {
    if (entry.type !== 'unread') {
      entries.push(entry);
      continue;
    }
    const { path } = entry;
    const { state, digest } = await hasher.hash(`${root}/${path}`, entry.state);
    cache.set(path, state, digest);
    entries.push(fileEntry(path, state, digest));
    done.files++;
    done.bytes += Number(state.size);
    if (onProgress === undefined || performance.now() - reportedAt < reportInterval) continue;
    reportedAt = performance.now();
    onProgress({ ...done });
  }
  cache.save(entries);
  return entries;
}

function fileEntry(path: string, { executable, size }: FileState, digest: string): SnapshotEntry {
  return { type: 'file', path, executable, bytes: Number(size), digest };
}

function readTarget(path: string): string {
  const bytes = readTargetBytes(path);
  if (isUtf8(bytes)) return bytes.toString('utf8');
  throw new AirError(
    'INVALID_CONFIG',
    `The symbolic link ${path} points to a name that is not valid UTF-8: ${escaped(bytes)}.`,
    { hint: 'Point it to another name, or name it in an .airignore file.' },
  );
}

function readTargetBytes(path: string): Buffer {
  try {
    return readlinkSync(path, 'buffer');
  } catch (error) {
    throw changedError(path, 'meanwhile', error);
  }
}

/** The name of these entries: the same for the same tree, wherever and whenever it lies. */
export function fingerprint(directory: string, entries: readonly SnapshotEntry[]): string {
  let text = `${format}\0${directory}\0`;
  for (const entry of entries) {
    text +=
      entry.type === 'file'
        ? `${entry.path}\0${entry.executable ? 'x' : 'f'}\0${entry.digest}\0`
        : `${entry.path}\0l\0${entry.target}\0`;
  }
  return hash('sha256', text);
}

/** Hashes files one after the other through one buffer. */
class FileHasher {
  private readonly chunk = Buffer.allocUnsafe(chunkBytes);

  constructor(private readonly pacer: Pacer) {}

  /** The digest of a file and the state it was in from the first byte read to the last. */
  async hash(path: string, listed: FileState): Promise<{ digest: string; state: FileState }> {
    let before = listed;
    for (let attempt = 0; attempt < readAttempts; attempt++) {
      const { digest, state: after } = await this.hashOnce(path, Number(before.size));
      if (isSameState(before, after)) return { digest, state: after };
      before = after;
    }
    throw changedError(path, 'while it was being read');
  }

  private async hashOnce(path: string, bytes: number): Promise<{ digest: string; state: FileState }> {
    const file = openForReading(path);
    try {
      if (this.pacer.isDue) await this.pacer.breathe();
      const read = readSync(file, this.chunk, 0, chunkBytes, null);
      const start = this.chunk.subarray(0, read);
      // Fewer bytes than that may be a slow file system's way; whether more have come, the state tells.
      const digest = read === bytes ? hash('sha256', start) : await this.hashLong(file, start);
      return { digest, state: stateOf(fstatSync(file, { bigint: true })) };
    } finally {
      closeSync(file);
    }
  }

  private async hashLong(file: number, start: Buffer): Promise<string> {
    const digest = createHash('sha256').update(start);
    for (let read = -1; read !== 0;) {
      read = readSync(file, this.chunk, 0, chunkBytes, null);
      digest.update(this.chunk.subarray(0, read));
      if (this.pacer.isDue) await this.pacer.breathe();
    }
    return digest.digest('hex');
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
