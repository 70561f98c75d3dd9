import { chmodSync } from 'node:fs';
import Libsql from 'libsql';

/**
 * Takes the one lock of a data directory, for as long as this process lives: the operating system lets go of
 * it however the process ends. False when another server has it.
 */
export function takeLock(file: string): boolean {
  const connection = new Libsql(file);
  chmodSync(file, 0o600);
  try {
    connection.exec('PRAGMA busy_timeout = 0');
    connection.exec('PRAGMA locking_mode = EXCLUSIVE');
    connection.exec('BEGIN EXCLUSIVE');
  } catch {
    connection.close();
    return false;
  }
  held.push(connection);
  return true;
}

/** Keeps the connections from being collected, which would let go of their locks. */
const held: Libsql.Database[] = [];
