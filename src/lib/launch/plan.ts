import { gpusPerNode, nodeCount } from '../compute/accelerators.js';
import type { LoadedConfig, WorkloadConfig } from '../config/types.js';
import type { Environment } from '../workspace/contract/index.js';
import { environmentSpec } from './environment.js';
import type { SnapshotPlan } from './snapshot/index.js';

/** Attempts after the first when the file says nothing. */
export const defaultMaxRetries = 3;

/** A file that is uploaded beside the command, under a name that the launcher on the other side knows. */
export interface StagedFile {
  readonly name: string;
  readonly content: string;
}

/** Everything a submission will do, worked out without asking anybody. */
export interface LaunchPlan {
  readonly config: WorkloadConfig;
  readonly nodes: number;
  readonly gpusPerNode: number;
  /** Attempts after the first. */
  readonly maxRetries: number;
  readonly environments: Environment[];
  /** In the order of upload. */
  readonly files: readonly StagedFile[];
  /** The code that is shipped; null for a workload without `code_source`. */
  readonly snapshot: SnapshotPlan | null;
}

export interface PlanOptions {
  /** `DATABRICKS_DL_RUNTIME_IMAGE`: the runtime of a workload that names no version. */
  runtimeImage?: string | undefined;
  snapshot: SnapshotPlan | null;
}

export function planLaunch(loaded: LoadedConfig, options: PlanOptions): LaunchPlan {
  const { config } = loaded;
  const { accelerator_type: type, num_accelerators: count } = config.compute;
  return {
    config,
    nodes: nodeCount(type, count),
    gpusPerNode: gpusPerNode(type),
    maxRetries: config.max_retries ?? defaultMaxRetries,
    environments: [
      { environment_key: 'default', spec: environmentSpec(config.environment, options.runtimeImage) },
    ],
    files: stagedFiles(loaded),
    snapshot: options.snapshot,
  };
}

/** The launch folder's files: the first two always, the others when the workload has what they hold. */
function stagedFiles({ config, trainingConfig, hyperparameters }: LoadedConfig): StagedFile[] {
  const files: StagedFile[] = [
    { name: 'training_config.yaml', content: trainingConfig },
    { name: 'command.sh', content: config.command },
  ];
  if (hyperparameters !== undefined) files.push({ name: 'hyperparameters.yaml', content: hyperparameters });
  const variables = sortedEntries(config.env_variables);
  if (variables.length > 0) {
    files.push(
      jsonFile(
        'env_vars.json',
        variables.map(([name, value]) => ({ name, value })),
      ),
    );
  }
  const secrets = sortedEntries(config.secrets);
  if (secrets.length > 0) {
    const rows = secrets.map(([name, reference]) => {
      const [scope, key] = reference.split('/');
      return { name, secret_scope: scope, secret_key: key };
    });
    files.push(jsonFile('secret_env_vars.json', rows));
  }
  return files;
}

function sortedEntries(map: Record<string, string> | undefined): [string, string][] {
  return Object.entries(map ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
}

function jsonFile(name: string, rows: object[]): StagedFile {
  return { name, content: JSON.stringify(rows) };
}
