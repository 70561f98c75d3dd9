import { findAccelerator } from '../compute/accelerators.js';
import type { Run } from '../workspace/contract/index.js';
import { latestTask } from './status.js';

/** How many nodes a run has; null when its task does not say, or names a GPU type of the past. */
export function nodeCountOf(run: Run): number | null {
  const task = latestTask(run);
  const leaf = task?.for_each_task?.task ?? task;
  const compute = leaf?.ai_runtime_task?.deployments?.[0]?.compute;
  const legacy = leaf?.gen_ai_compute_task?.compute;
  const type = findAccelerator(compute?.accelerator_type ?? legacy?.gpu_type ?? '');
  const count = compute?.accelerator_count ?? legacy?.num_gpus ?? 0;
  return type && count > 0 && count % type.gpusPerNode === 0 ? count / type.gpusPerNode : null;
}
