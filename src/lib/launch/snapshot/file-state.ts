import { lstatSync, type BigIntStats } from 'node:fs';
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
  const { size, mtimeNs, ctimeNs, ino } = stat;
  const executable = (stat.mode & executableByOwner) !== 0n;
  return { type: typeOf(stat), executable, size, mtimeNs, ctimeNs, ino };
}

/** What tells one state of a file from another without reading it. */
export function identityOf({ size, mtimeNs, ctimeNs, ino }: FileState): string {
  return `${size} ${mtimeNs} ${ctimeNs} ${ino}`;
}

function typeOf(stat: BigIntStats): FileState['type'] {
  if (stat.isFile()) return 'file';
  if (stat.isSymbolicLink()) return 'link';
  return stat.isDirectory() ? 'folder' : 'other';
}
