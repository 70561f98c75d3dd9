import { constants, lstatSync, type BigIntStats } from 'node:fs';
import { systemCode } from '../../errors.js';

/** What the file system says of a path, links not followed. A large tree holds many: no more than is needed. */
export interface FileState {
  readonly type: 'file' | 'link' | 'folder' | 'other';
  /** The owner's exec bit: all that is kept of a mode, as in git. */
  readonly executable: boolean;
  readonly size: bigint;
  /** Nanoseconds since the epoch. */
  readonly mtimeNs: bigint;
  readonly ctimeNs: bigint;
  readonly ino: bigint;
}

const executableByOwner = 0o100;

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

export function stateOf({ mode, size, mtimeNs, ctimeNs, ino }: BigIntStats): FileState {
  const bits = Number(mode);
  return { type: typeOf(bits), executable: (bits & executableByOwner) !== 0, size, mtimeNs, ctimeNs, ino };
}

/** Whether a file is as it was: what changes it changes one of these. */
export function isSameState(a: FileState, b: FileState): boolean {
  return a.size === b.size && a.mtimeNs === b.mtimeNs && a.ctimeNs === b.ctimeNs && a.ino === b.ino;
}

function typeOf(mode: number): FileState['type'] {
  switch (mode & constants.S_IFMT) {
    case constants.S_IFREG:
      return 'file';
    case constants.S_IFLNK:
      return 'link';
    case constants.S_IFDIR:
      return 'folder';
    default:
      return 'other';
  }
}
