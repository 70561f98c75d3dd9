import { createHash, randomUUID } from 'node:crypto';
import { chmod, open, rename, rm, stat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder } from '../../folder.js';
import type { Token, TokenStore } from './renewable.js';

/**
 * A token on disk: one file per identity in a folder that only the user can enter. `identity` is everything that
 * decides which token one gets (host, client, secret); only its digest is written, so that a changed secret
 * never meets the old secret's token.
 */
export class TokenCache implements TokenStore {
  private readonly folder: string;
  private readonly path: string;

  constructor(cacheDirectory: string, identity: readonly string[]) {
    const digest = createHash('sha256').update(JSON.stringify(identity)).digest('hex');
    this.folder = join(cacheDirectory, 'tokens');
    this.path = join(this.folder, `${digest}.json`);
  }

  async load(): Promise<Token | null> {
    try {
      const { mode } = await stat(this.path);
      if ((mode & 0o077) !== 0) return null;
      return tokenOf(JSON.parse(await readFile(this.path, 'utf8')));
    } catch {
      return null;
    }
  }

  /** A cache that cannot be written costs the next command a round trip, nothing else. */
  async save(token: Token): Promise<void> {
    const draft = join(this.folder, `${randomUUID()}.tmp`);
    try {
      makeFolder(this.folder, 0o700);
      await chmod(this.folder, 0o700);
      const file = await open(draft, 'wx', 0o600);
      try {
        await file.writeFile(JSON.stringify(token));
      } finally {
        await file.close();
      }
      await rename(draft, this.path);
    } catch {
      await rm(draft, { force: true }).catch(() => undefined);
    }
  }
}

function tokenOf(value: unknown): Token | null {
  if (typeof value !== 'object' || value === null) return null;
  const { value: text, obtainedAt, expiresAt } = value as Partial<Record<keyof Token, unknown>>;
  if (typeof text !== 'string' || typeof obtainedAt !== 'number' || typeof expiresAt !== 'number')
    return null;
  return { value: text, obtainedAt, expiresAt };
}
