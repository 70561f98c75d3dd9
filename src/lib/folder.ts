import { mkdirSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { systemCode } from './errors.js';

/**
 * Makes a folder and those above it; one that is there is left as it is. Node's own way never ends below `/proc`,
 * where a folder that cannot be made counts as missing.
 * @throws the system's error
 */
export function makeFolder(path: string, mode = 0o777): void {
  const folder = resolve(path);
  try {
    makeOne(folder, mode);
  } catch (error) {
    const parent = dirname(folder);
    if (systemCode(error) !== 'ENOENT' || parent === folder) throw error;
    makeFolder(parent, mode);
    makeOne(folder, mode);
  }
}

function makeOne(folder: string, mode: number): void {
  try {
    mkdirSync(folder, { mode });
  } catch (error) {
    if (!isFolder(folder)) throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
