import type { WorkloadConfig } from '../config/types.js';
import type { Environment } from '../workspace/contract/index.js';

/** The runtime version of a workload that names none. */
const defaultVersion = '6';
const channelPrefix = 'CLIENT-GPU-';
const baseEnvironment = /^databricks_ai_v\d+$/i;

/**
 * The environment that a workload's tasks run in, as the jobs API takes it: the file's version, else
 * `runtimeImage` (`DATABRICKS_DL_RUNTIME_IMAGE`), else the default. `databricks_ai_v<N>` names a base
 * environment; everything else is a version number, sent as text. A workload with an image of its own has
 * an environment too: the API demands one of every task.
 */
export function environmentSpec(
  environment: WorkloadConfig['environment'],
  runtimeImage: string | undefined,
): NonNullable<Environment['spec']> {
  const version = withoutChannel(environment?.version) || withoutChannel(runtimeImage) || defaultVersion;
  const dependencies = environment?.dependencies ?? [];
  return {
    ...(baseEnvironment.test(version)
      ? { base_environment: `workspace-base-environments/${version.toLowerCase()}` }
      : { environment_version: version }),
    ...(dependencies.length === 0 ? {} : { dependencies }),
  };
}

function withoutChannel(version: string | undefined): string {
  const text = version?.trim() ?? '';
  return text.startsWith(channelPrefix) ? text.slice(channelPrefix.length) : text;
}
