import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { systemCode } from '../../errors.js';

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
  if (env['AIR_DATA_DIR']) return env['AIR_DATA_DIR'];
  return join(env['XDG_DATA_HOME'] || join(env['HOME'] || homedir(), '.local/share'), 'air');
}

/** Where oclif's plugin commands note the user's plugins. */
export function pluginList(directory: string): string {
  return join(directory, 'package.json');
}

/** The plugins of a data directory; undefined when their list is there and cannot be read. */
export function declaredPlugins(directory: string): DeclaredPlugin[] | undefined {
  try {
    const { oclif } = JSON.parse(readFileSync(pluginList(directory), 'utf8')) as {
      oclif?: { plugins?: (PluginEntry | string)[] };
    };
    return (oclif?.plugins ?? []).flatMap((entry) => declared(entry, directory));
  } catch (error) {
    return systemCode(error) === 'ENOENT' ? [] : undefined;
  }
}

function declared(entry: PluginEntry | string, directory: string): DeclaredPlugin[] {
  const { name, type, root } = typeof entry === 'string' ? { name: entry } : entry;
  if (name === undefined) return [];
  if (type === 'link') return root === undefined ? [] : [{ name, type, root }];
  return [{ name, type: 'user', root: join(directory, 'node_modules', name) }];
}
