import type { AccessControl } from '../../workspace/contract/index.js';
import type { Database } from './database.js';

const principalFields = ['user_name', 'group_name', 'service_principal_name'] as const;

/** Who else may see or change a job or an experiment. Kept and shown; on this machine nobody else gets in. */
export class PermissionStore {
  constructor(private readonly database: Database) {}

  list(objectType: string, objectId: string): AccessControl[] {
    return this.database
      .all<{ principal_type: string; principal: string; level: string }>(
        `SELECT principal_type, principal, level FROM permissions WHERE object_type = ? AND object_id = ?
         ORDER BY principal_type, principal`,
        objectType,
        objectId,
      )
      .map((row) => ({ [row.principal_type]: row.principal, permission_level: row.level }));
  }

  /** Adds entries to those that are there, or puts them in their place. */
  change(
    objectType: string,
    objectId: string,
    entries: readonly AccessControl[],
    how: 'add' | 'replace',
  ): void {
    if (how === 'replace') {
      this.database.run(
        'DELETE FROM permissions WHERE object_type = ? AND object_id = ?',
        objectType,
        objectId,
      );
    }
    for (const entry of entries) {
      const field = principalFields.find((name) => entry[name] !== undefined);
      if (field === undefined) continue;
      this.database.run(
        `INSERT INTO permissions (object_type, object_id, principal_type, principal, level) VALUES (?, ?, ?, ?, ?)
         ON CONFLICT DO UPDATE SET level = excluded.level`,
        objectType,
        objectId,
        field,
        entry[field] ?? '',
        entry.permission_level,
      );
    }
  }
}
