import { lstatSync, type BigIntStats } from 'node:fs';
import { systemCode } from '../../errors.js';

/** What the file system says of a path, links not followed. A large tree holds many: no more than is needed. */
export interface FileState {
  readonly type: 'file' | 'link' | 'folder' | 'other';
  readonly bytes: number;
  /** The owner's exec bit: all that is kept of a mode, as in git. */
  readonly executable: boolean;
  /** What tells one state of a file from another without reading it: size, times in nanoseconds, inode. */
  readonly identity: string;
  /** When its content or anything else of it last changed, in milliseconds since the epoch. */
  readonly changedAt: number;
}

const executableByOwner = 0o100n;

/** The state of what is at a path; null when nothing is there. */
export function fileState(path: string): FileState | null {
  try {
    const stat = lstatSync(path, { bigint: true, throwIfNoEntry: false });
    return stat === undefined ? null : stateOf(stat);
  } catch (error) {
    if (['ENOTDIR', 'ELOOP'].includes(systemCode(error) ?? '')) return null;
    throw error;
  }
}

export function stateOf(stat: BigIntStats): FileState {
  const { size, mode, mtimeNs, ctimeNs, ino, mtimeMs, ctimeMs } = stat;
  return {
    type: typeOf(stat),
    bytes: Number(size),
    executable: (mode & executableByOwner) !== 0n,
    identity: `${size} ${mtimeNs} ${ctimeNs} ${ino}`,
    changedAt: Number(mtimeMs > ctimeMs ? mtimeMs : ctimeMs),
  };
}

function typeOf(stat: BigIntStats): FileState['type'] {
  if (stat.isFile()) return 'file';
  if (stat.isSymbolicLink()) return 'link';
  return stat.isDirectory() ? 'folder' : 'other';
}
