import { readJsonIfThere, replaceFile } from '../state/durable.js';
import type { Database } from './database.js';

/** Values in base64, by scope and key. */
type Values = Map<string, string>;

/** Secrets: scopes and names in the database, values (base64) in a file that its owner alone can read. */
export class SecretStore {
  constructor(
    private readonly database: Database,
    private readonly file: string,
  ) {}

  scopes(): string[] {
    return this.database
      .all<{ name: string }>('SELECT name FROM secret_scopes ORDER BY name')
      .map((row) => row.name);
  }

  hasScope(scope: string): boolean {
    return this.database.get('SELECT 1 AS found FROM secret_scopes WHERE name = ?', scope) !== undefined;
  }

  createScope(scope: string, now: number): void {
    this.database.run('INSERT INTO secret_scopes (name, created_at) VALUES (?, ?)', scope, now);
  }

  deleteScope(scope: string): void {
    this.database.transaction(() => {
      this.database.run('DELETE FROM secrets WHERE scope = ?', scope);
      this.database.run('DELETE FROM secret_scopes WHERE name = ?', scope);
    });
    this.change((values) => {
      for (const name of values.keys()) if (name.startsWith(`${scope}/`)) values.delete(name);
    });
  }

  /** Names with the time of their last change in milliseconds. */
  list(scope: string): { key: string; updatedAt: number }[] {
    return this.database
      .all<{ key: string; updated_at: bigint }>(
        'SELECT key, updated_at FROM secrets WHERE scope = ? ORDER BY key',
        scope,
      )
      .map((row) => ({ key: row.key, updatedAt: Number(row.updated_at) }));
  }

  has(scope: string, key: string): boolean {
    return (
      this.database.get('SELECT 1 AS found FROM secrets WHERE scope = ? AND key = ?', scope, key) !==
      undefined
    );
  }

  put(scope: string, key: string, value: Buffer, now: number): void {
    this.change((values) => values.set(`${scope}/${key}`, value.toString('base64')));
    this.database.run(
      `INSERT INTO secrets (scope, key, updated_at) VALUES (?, ?, ?)
       ON CONFLICT (scope, key) DO UPDATE SET updated_at = excluded.updated_at`,
      scope,
      key,
      now,
    );
  }

  delete(scope: string, key: string): void {
    this.database.run('DELETE FROM secrets WHERE scope = ? AND key = ?', scope, key);
    this.change((values) => values.delete(`${scope}/${key}`));
  }

  /** The value's bytes; undefined when there is no such secret. */
  value(scope: string, key: string): Buffer | undefined {
    const text = this.has(scope, key) ? this.values().get(`${scope}/${key}`) : undefined;
    return text === undefined ? undefined : Buffer.from(text, 'base64');
  }

  private values(): Values {
    return new Map(Object.entries(readJsonIfThere<Record<string, string>>(this.file) ?? {}));
  }

  private change(edit: (values: Values) => unknown): void {
    const values = this.values();
    edit(values);
    replaceFile(this.file, JSON.stringify(Object.fromEntries(values)));
  }
}
