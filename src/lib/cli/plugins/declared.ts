import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** A plugin that the user has installed or linked, as oclif's plugin commands note it. */
export interface DeclaredPlugin {
  readonly name: string;
  readonly type: 'user' | 'link';
  /** The folder it is expected in. */
  readonly root: string;
}

interface PluginEntry {
  name?: string;
  type?: string;
  root?: string;
}

/** oclif's data directory of this program, by oclif's rules, for use before oclif is loaded. */
export function dataDirectory(env: NodeJS.ProcessEnv): string {
  const home = env['HOME'] || homedir();
  return env['AIR_DATA_DIR'] || join(env['XDG_DATA_HOME'] || join(home, '.local', 'share'), 'air');
}

/** The plugins of a data directory; none when its package.json is not there or cannot be read. */
export function declaredPlugins(directory: string): DeclaredPlugin[] {
  let entries: (PluginEntry | string)[];
  try {
    const text = readFileSync(join(directory, 'package.json'), 'utf8');
    const content = JSON.parse(text) as { oclif?: { plugins?: typeof entries } };
    entries = content.oclif?.plugins ?? [];
  } catch {
    return [];
  }
  return entries.flatMap((entry): DeclaredPlugin[] => {
    const { name, type, root } = typeof entry === 'string' ? { name: entry } : entry;
    if (name === undefined) return [];
    if (type === 'link') return root === undefined ? [] : [{ name, type, root }];
    return [{ name, type: 'user', root: join(directory, 'node_modules', name) }];
  });
}
