import { stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, resolve } from 'node:path';
import type { Environment } from './git.js';
import { refusal, type CodeRefused } from './refusal.js';

const besideFile = 'project_root/';

/**
 * The folder that `root_path` names, absolute: variables are replaced (an unknown one by nothing), `~` is the
 * home folder, and what is not absolute, `project_root/...` too, starts at the workload file's folder.
 */
export function expandRootPath(rootPath: string, configDirectory: string, env: Environment): string {
  let path = rootPath
    .trim()
    .replace(
      /\$(?:\{(\w+)\}|(\w+))/g,
      (_, braced?: string, bare?: string) => env[braced ?? bare ?? ''] ?? '',
    );
  if (path === '~' || path.startsWith('~/')) path = `${env['HOME'] ?? homedir()}${path.slice(1)}`;
  if (path === 'project_root' || path.startsWith(besideFile)) path = `./${path.slice(besideFile.length)}`;
  return resolve(configDirectory, path);
}

/**
 * As {@link expandRootPath}, of a folder that is there and has a name.
 * @throws CodeRefused at `root_path` for anything else
 */
export async function resolveRoot(
  rootPath: string,
  configDirectory: string,
  env: Environment,
): Promise<string> {
  const root = expandRootPath(rootPath, configDirectory, env);
  const found = await stat(root).catch(() => null);
  const shown = root === rootPath ? `"${rootPath}"` : `"${rootPath}" (read as ${root})`;
  if (found === null) throw refuse(`There is nothing at ${shown}.`);
  if (!found.isDirectory()) throw refuse(`${shown} is not a folder.`);
  if (basename(root) === '')
    throw refuse(`${shown} is the root of the file system, which cannot be shipped.`);
  return root;
}

function refuse(message: string): CodeRefused {
  return refusal('root_path', message, 'A relative root_path starts at the folder of the workload file.');
}
