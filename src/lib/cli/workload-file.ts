import { loadConfig } from '../config/load.js';
import type { CodeCheck, LoadedConfig } from '../config/types.js';
import type { Context } from '../io.js';
import type { Warning } from './envelope.js';
import type { Host } from './host.js';
import type { LaunchHooks } from './plugins/hooks.js';
import { overrideLine } from './views/submission.js';

/** Reads and checks a workload file with the user's and the plugins' overrides, and tells what they changed. */
export async function readWorkload(
  file: string,
  overrides: readonly string[],
  surroundings: { host: Host; context: Context; hooks: LaunchHooks; warn: (warning: Warning) => void },
): Promise<LoadedConfig> {
  const { host, context, hooks, warn } = surroundings;
  const loaded = await loadConfig(file, {
    overrides: [...overrides],
    amend: (workload) => hooks.amend(file, workload),
    checkCode: codeCheckOf(host, context),
  });
  for (const change of loaded.overrides) host.io.stderr.write(`${overrideLine(change)}\n`);
  for (const warning of loaded.warnings) warn(warning);
  return loaded;
}

/** The check of a workload's code, loaded with all that looks at code only once a file has some to look at. */
export function codeCheckOf({ env }: Host, context: Context): CodeCheck {
  return async (source, configDirectory) => {
    const { refusedCode } = await import('../launch/snapshot/index.js');
    return refusedCode(source, { configDirectory, env, context });
  };
}
