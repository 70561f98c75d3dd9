import { existsSync, lstatSync, mkdirSync, realpathSync, renameSync, rmSync, symlinkSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { messageOf } from '../../errors.js';
import type { DeclaredPlugin } from './declared.js';

/** The package that plugins import from, and where it runs. */
export interface HostPackage {
  readonly name: string;
  readonly root: string;
}

/**
 * Lets every plugin find the running program under its package name, by a link in a `node_modules` that the
 * plugin's imports look into: npm removes such links at each install, and a linked plugin looks only beside
 * itself. A package of that name that is really there is left alone.
 * Answers one sentence for each plugin that could not be helped.
 */
export function linkHost(
  plugins: readonly DeclaredPlugin[],
  host: HostPackage,
  dataDirectory: string,
): string[] {
  const hostRoot = realpathSync(host.root);
  const trouble: string[] = [];
  for (const plugin of plugins) {
    const root = realPath(plugin.root);
    if (root === undefined || finds(root, host.name)) continue;
    const base = realPath(dataDirectory);
    const folder = base !== undefined && root.startsWith(base + sep) ? base : root;
    try {
      link(join(folder, 'node_modules', host.name), hostRoot);
    } catch (error) {
      trouble.push(`The plugin ${plugin.name} cannot be shown the way to ${host.name}: ${messageOf(error)}`);
    }
  }
  return trouble;

  /** Whether an import from the plugin's folder finds the host, or another package of its name. */
  function finds(root: string, name: string): boolean {
    for (let folder = root; ; folder = dirname(folder)) {
      const place = join(folder, 'node_modules', name);
      if (existsSync(place)) return !isLink(place) || realPath(place) === hostRoot;
      if (dirname(folder) === folder) return false;
    }
  }
}

function link(place: string, target: string): void {
  if (existsSync(place) && !isLink(place)) return;
  mkdirSync(dirname(place), { recursive: true });
  const fresh = `${place}.${process.pid}`;
  rmSync(fresh, { force: true });
  symlinkSync(target, fresh, 'dir');
  renameSync(fresh, place);
}

function isLink(path: string): boolean {
  return lstatSync(path).isSymbolicLink();
}

function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}
