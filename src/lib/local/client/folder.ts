import { lstat, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Layout } from '../state/layout.js';

/** The folder of the local workspace of a data directory. */
export function localFolder(dataDirectory: string): string {
  return new Layout(dataDirectory).root;
}

/** Bytes that a folder takes on disk; 0 when there is none. */
export async function diskBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  const sizes = await Promise.all(
    entries.map(async (entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return diskBytes(path);
      return (await lstat(path).catch(() => undefined))?.size ?? 0;
    }),
  );
  return sizes.reduce((sum, size) => sum + size, 0);
}

/** Removes everything of a stopped local workspace: files, runs, experiments, secrets. */
export async function removeLocalWorkspace(dataDirectory: string): Promise<void> {
  await rm(localFolder(dataDirectory), { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
}
