import { chmodSync } from 'node:fs';
import Libsql from 'libsql';
import { AirError, messageOf, systemCode } from '../../errors.js';
import { shellWord } from '../../shell-word.js';

export interface Lock {
  /** Lets go of it. The file stays: whoever removed it could split those who wait for it. */
  release(): void;
}

/**
 * Takes a lock for as long as this process lives, or until it is released: the operating system lets go of it
 * however the process ends. Undefined when another process has it.
 * @throws AirError when the file is no lock, or the disk has no room for it.
 */
export function takeLock(file: string): Lock | undefined {
  const connection = new Libsql(file);
  chmodSync(file, 0o600);
  try {
    connection.exec('PRAGMA busy_timeout = 0');
    connection.exec('PRAGMA locking_mode = EXCLUSIVE');
    connection.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    connection.close();
    if (systemCode(error)?.startsWith('SQLITE_BUSY')) return undefined;
    throw new AirError('INTERNAL_ERROR', `The lock ${file} cannot be taken: ${messageOf(error)}.`, {
      hint: `If it is damaged, remove it: rm ${shellWord(file)}`,
    });
  }
  held.add(connection);
  return {
    release() {
      held.delete(connection);
      connection.close();
    },
  };
}

/** Keeps the connections from being collected, which would let go of their locks. */
const held = new Set<Libsql.Database>();
