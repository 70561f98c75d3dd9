import { chmodSync } from 'node:fs';
import Libsql from 'libsql';
import { AirError, messageOf, systemCode } from '../../errors.js';

/**
 * Takes the one lock of a data directory, for as long as this process lives: the operating system lets go of
 * it however the process ends. False when another server has it.
 * @throws AirError when the file is no lock, or the disk has no room for it.
 */
export function takeLock(file: string): boolean {
  const connection = new Libsql(file);
  chmodSync(file, 0o600);
  try {
    connection.exec('PRAGMA busy_timeout = 0');
    connection.exec('PRAGMA locking_mode = EXCLUSIVE');
    connection.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    connection.close();
    if (systemCode(error)?.startsWith('SQLITE_BUSY')) return false;
    throw new AirError('INTERNAL_ERROR', `The lock ${file} cannot be taken: ${messageOf(error)}.`, {
      hint: `If it is damaged, remove it: rm '${file}'`,
    });
  }
  held.push(connection);
  return true;
}

/** Keeps the connections from being collected, which would let go of their locks. */
const held: Libsql.Database[] = [];
