import { acceleratorLabel } from '../compute/accelerators.js';
import type { LaunchPlan } from '../launch/plan.js';
import { differencesFromDatabricks } from '../local/client/differences.js';
import { findLocalWorkspace } from '../local/client/index.js';

/** What a run in the local workspace has to be told apart by. */
export interface LocalRunNotes {
  differences: string[];
  /** Lines for people: the differences, and a note when the workspace runs in another shell's environment. */
  lines: string[];
}

/** The variables by which a shell chooses its programs. */
const choosing = ['PATH', 'VIRTUAL_ENV'];

/** Compares a plan, and the user's shell, with what the running local workspace gives to it. */
export function localRunNotes(
  plan: LaunchPlan,
  hyperparameters: string | undefined,
  dataDirectory: string,
  env: NodeJS.ProcessEnv,
): LocalRunNotes {
  const running = findLocalWorkspace(dataDirectory);
  const { config, nodes, environments } = plan;
  const { accelerator_type: type, num_accelerators: count } = config.compute;
  const spec = environments[0]?.spec;
  const differences = differencesFromDatabricks({
    accelerators: acceleratorLabel(type, count),
    acceleratorCount: count,
    nodes,
    machineGpus: running?.gpus ?? 0,
    environment: spec?.environment_version ?? spec?.base_environment?.split('/').at(-1) ?? '',
    hasDependencies: (spec?.dependencies ?? []).length > 0,
    hasCode: plan.snapshot !== null,
    usagePolicy: config.usage_policy_name ?? config.usage_policy_id,
    texts: [config.command, hyperparameters ?? '', ...Object.values(config.env_variables ?? {})],
  });
  const changed = choosing.filter((name) => running && running.environment[name] !== env[name]);
  return {
    differences,
    lines: [
      'Unlike on Databricks:',
      ...differences.map((line) => `  - ${line}`),
      ...(changed.length === 0
        ? []
        : [
            `Runs keep the ${changed.join(' and ')} of the shell that started the local workspace; to take over yours: air local stop`,
          ]),
    ],
  };
}
