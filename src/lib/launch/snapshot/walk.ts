import { isUtf8 } from 'node:buffer';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GitFailure, GitMissing, gitLine, type GitOptions } from './git.js';
import { IgnoreFiles } from './ignore-files.js';
import { oddNames } from './names.js';

/**
 * What a folder outside git holds, by git's rules: nested `.gitignore` files and the user's own excludes,
 * never a `.git`. Paths are relative; a nested repository is one entry that ends in `/`, as in git's lists.
 * Ignored folders are not entered.
 */
export async function walkFolder(root: string, options: GitOptions): Promise<string[]> {
  const rules = new IgnoreFiles(root, '.gitignore', await userExcludes(options));
  const found: string[] = [];
  const pending = [''];
  for (let folder = pending.pop(); folder !== undefined; folder = pending.pop()) {
    options.signal.throwIfAborted();
    const entries = readdirSync(join(root, folder), { withFileTypes: true });
    if (entries.some(({ name }) => name.includes('\ufffd'))) refuseOddNames(join(root, folder));
    if (folder !== '' && entries.some(({ name }) => name === '.git')) {
      found.push(folder);
      continue;
    }
    for (const entry of entries) {
      if (entry.name === '.git') continue;
      const path = `${folder}${entry.name}${entry.isDirectory() ? '/' : ''}`;
      if (rules.ignores(path)) continue;
      if (entry.isDirectory()) pending.push(path);
      else found.push(path);
    }
  }
  return found;
}

/** The mark that stands for what is no UTF-8 may also be a part of the name itself. */
function refuseOddNames(folder: string): void {
  const names = readdirSync(folder, { encoding: 'buffer' });
  if (!names.every((name) => isUtf8(name))) throw oddNames(names, folder);
}

/** The rules that the user has for all repositories: `core.excludesFile`, or its usual place. */
async function userExcludes(options: GitOptions): Promise<string> {
  const { HOME: home, XDG_CONFIG_HOME: xdg } = options.env;
  const usual = join(xdg || join(home ?? '/', '.config'), 'git', 'ignore');
  try {
    const asked = ['config', '--global', '--type=path', '--get', 'core.excludesFile'];
    return readExcludes(await gitLine('/', asked, options));
  } catch (error) {
    if (error instanceof GitFailure || error instanceof GitMissing) return readExcludes(usual);
    throw error;
  }
}

function readExcludes(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
