import { gpusPerNode, nodeCount } from '../../compute/accelerators.js';
import type { ComputeSpec } from '../../workspace/contract/index.js';

export interface NodeEnvironmentInput {
  /** What the workspace inherited of the user's shell. */
  base: Readonly<Record<string, string>>;
  compute: Required<ComputeSpec>;
  /** GPUs that the attempt owns, by index; empty on the CPU. */
  gpus: readonly number[];
  masterPort: number;
  tracking: { uri: string; token: string; experimentId: string; runId: string };
  hyperparametersFile: string | undefined;
  /** The workload's own `env_variables`, then its secrets. */
  variables: Readonly<Record<string, string>>;
  secrets: Readonly<Record<string, string>>;
}

/** The environment of each node, as the platform gives it; nothing else reaches the workload. */
export function nodeEnvironments(input: NodeEnvironmentInput): Record<string, string>[] {
  const { accelerator_type: type, accelerator_count: count } = input.compute;
  const perNode = gpusPerNode(type);
  const nodes = nodeCount(type, count);
  return Array.from({ length: nodes }, (_, rank) => ({
    ...input.base,
    PYTHONUNBUFFERED: '1',
    // The indexes are those of nvidia-smi; CUDA counts the fastest first unless told.
    ...(input.gpus.length > 0 ? { CUDA_DEVICE_ORDER: 'PCI_BUS_ID' } : {}),
    CUDA_VISIBLE_DEVICES: input.gpus.slice(rank * perNode, (rank + 1) * perNode).join(','),
    MLFLOW_TRACKING_URI: input.tracking.uri,
    MLFLOW_TRACKING_TOKEN: input.tracking.token,
    MLFLOW_EXPERIMENT_ID: input.tracking.experimentId,
    ...input.variables,
    ...input.secrets,
    MLFLOW_RUN_ID: input.tracking.runId,
    NUM_NODES: String(nodes),
    NODE_RANK: String(rank),
    POD_RANK: String(rank),
    WORLD_SIZE: String(count),
    LOCAL_WORLD_SIZE: String(perNode),
    MASTER_ADDR: '127.0.0.1',
    MASTER_PORT: String(input.masterPort),
    ...(input.hyperparametersFile === undefined ? {} : { HYPERPARAMETERS_PATH: input.hyperparametersFile }),
  }));
}
