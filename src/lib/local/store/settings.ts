import { randomInt } from 'node:crypto';
import type { Database } from './database.js';

/** An id as Databricks gives them: positive and below 2^53, so that every JSON reader keeps its digits. */
export function newId(): string {
  const high = randomInt(1, 2 ** 21 - 1);
  const low = randomInt(0, 2 ** 32);
  return (BigInt(high) * 2n ** 32n + BigInt(low)).toString();
}

/** The workspace's own id, made once and kept. */
export function workspaceId(database: Database): string {
  const known = database.get<{ value: string }>(`SELECT value FROM settings WHERE name = 'workspace_id'`);
  if (known) return known.value;
  const id = newId();
  database.run(`INSERT INTO settings (name, value) VALUES ('workspace_id', ?)`, id);
  return id;
}
