import { readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { nearest } from '../../nearest.js';
import type { Environment } from './git.js';
import { refusal, type CodeRefused } from './refusal.js';

const besideFile = 'project_root/';
const variable = /\$(?:\{(\w+)\}|(\w+))/g;
const relativeRoot = 'A relative root_path starts at the folder of the workload file.';

/**
 * The folder that `root_path` names, absolute: variables are replaced (an unknown one by nothing), `~` is the
 * home folder, and what is not absolute, `project_root/...` too, starts at the workload file's folder.
 */
export function expandRootPath(rootPath: string, configDirectory: string, env: Environment): string {
  let path = rootPath
    .trim()
    .replace(variable, (_, braced?: string, bare?: string) => env[braced ?? bare ?? ''] ?? '');
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
  if (found === null) throw await missingRoot(rootPath, root, shown, env);
  if (!found.isDirectory()) throw refuse(`${shown} is not a folder.`);
  if (basename(root) === '')
    throw refuse(`${shown} is the root of the file system, which cannot be shipped.`);
  return root;
}

/** The refusal of a folder that is not there, with what probably went wrong: a variable, or a letter of its name. */
async function missingRoot(
  rootPath: string,
  root: string,
  shown: string,
  env: Environment,
): Promise<CodeRefused> {
  const variables = [...rootPath.matchAll(variable)].map(([, braced, bare]) => braced ?? bare ?? '');
  const unset = variables.filter((name) => env[name] === undefined);
  if (unset.length > 0) {
    const are = unset.length > 1 ? 'are' : 'is';
    return refuse(`There is nothing at ${shown}: ${unset.join(', ')} ${are} not set.`);
  }
  const entries = await readdir(dirname(root), { withFileTypes: true }).catch(() => []);
  const folders = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const meant = nearest(basename(root), folders);
  return refuse(
    `There is nothing at ${shown}.`,
    meant === null ? relativeRoot : `Did you mean ${join(dirname(root), meant)}?`,
  );
}

function refuse(message: string, hint = relativeRoot): CodeRefused {
  return refusal('root_path', message, hint);
}
