import type { LoadedConfig } from '../config/types.js';
import type { Warning } from './envelope.js';
import type { Host } from './host.js';
import type { LaunchHooks } from './plugins/hooks.js';

/** Reads and checks a workload file with the user's and the plugins' overrides, and tells what they changed. */
export async function readWorkload(
  file: string,
  overrides: readonly string[],
  surroundings: { host: Host; hooks: LaunchHooks; warn: (warning: Warning) => void },
): Promise<LoadedConfig> {
  const { host, hooks, warn } = surroundings;
  const { loadConfig } = await import('../config/load.js');
  const loaded = await loadConfig(file, {
    overrides: [...overrides],
    amend: (workload) => hooks.amend(file, workload),
  });
  const { overrideLine } = await import('./views/submission.js');
  for (const change of loaded.overrides) host.io.stderr.write(`${overrideLine(change)}\n`);
  for (const warning of loaded.warnings) warn(warning);
  return loaded;
}
