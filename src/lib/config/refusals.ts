const noPools = 'air does not place runs in pools: the workspace chooses the nodes. Remove this line.';
const noNodes =
  'The number of nodes is not given: compute.num_accelerators counts the GPUs over all nodes. Remove this line.';
const noPriority =
  'air does not set priorities: runs are started in the order of the workspace. Remove this line.';

/** Keys that other tools know, or knew, and what to say of them. Dotted paths of the workload file. */
const refusedKeys: Readonly<Record<string, string>> = {
  priority: noPriority,
  priority_class: noPriority,
  pool_id: noPools,
  pool_name: noPools,
  node_pool_id: noPools,
  'compute.node_pool_id': noPools,
  'compute.pool_name': noPools,
  'compute.pool_id': noPools,
  'compute.priority_class': noPriority,
  'compute.priority': noPriority,
  ...Object.fromEntries(
    ['nodes', 'num_nodes', 'node_count'].flatMap((name) => [
      [name, noNodes],
      [`compute.${name}`, noNodes],
    ]),
  ),
  _bases_: 'Files that build on other files are not supported: write the fields here, or use --override.',
  containers: 'Several containers in one run are not supported: one command runs on every node.',
  mlflow_artifact_location:
    'The place of MLflow artifacts cannot be chosen here: the experiment decides. Set it on the experiment in MLflow.',
  schedule: 'A workload file describes one run. To repeat it, start "air run" from a scheduler.',
  'environment.env_variables':
    'Environment variables stand at the top level of the file, beside environment.',
  'environment.secrets': 'Secrets stand at the top level of the file, beside environment.',
  'environment.environment_version': 'The version of the environment is called "version" here.',
};

/** The sentence for a key that is refused on purpose; undefined when it is simply unknown. */
export function refusalOf(path: string): string | undefined {
  return Object.hasOwn(refusedKeys, path) ? refusedKeys[path] : undefined;
}
