import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * The folder of this package. It is looked for, since the build joins modules and moves them to other depths:
 * the nearest folder above this file that holds the index of commands.
 */
export const packageRoot = findRoot(dirname(fileURLToPath(import.meta.url)));

function findRoot(folder: string): string {
  if (existsSync(join(folder, 'oclif.manifest.json'))) return folder;
  const parent = dirname(folder);
  if (parent === folder) throw new Error('The package of air is incomplete: oclif.manifest.json is missing.');
  return findRoot(parent);
}
