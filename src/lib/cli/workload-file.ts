import { loadConfig } from '../config/load.js';
import type { LoadedConfig } from '../config/types.js';
import type { Warning } from './envelope.js';
import type { Host } from './host.js';
import type { LaunchHooks } from './plugins/hooks.js';
import { overrideLine } from './views/submission.js';

/** Reads and checks a workload file with the user's and the plugins' overrides, and tells what they changed. */
export async function readWorkload(
  file: string,
  overrides: readonly string[],
  surroundings: { host: Host; hooks: LaunchHooks; warn: (warning: Warning) => void },
): Promise<LoadedConfig> {
  const { host, hooks, warn } = surroundings;
  const loaded = await loadConfig(file, {
    overrides: [...overrides],
    amend: (workload) => hooks.amend(file, workload),
  });
  for (const change of loaded.overrides) host.io.stderr.write(`${overrideLine(change)}\n`);
  for (const warning of loaded.warnings) warn(warning);
  return loaded;
}
