import { pathOf, segmentsOf } from './fields.js';

/** How the workspace names the fields of a submission, and where each stands in the workload file. */
const yamlPaths: Readonly<Record<string, string>> = {
  experiment: 'experiment_name',
  run_name: 'experiment_name',
  task_key: 'experiment_name',
  'deployments[0].command_path': 'command',
  'deployments[0].compute': 'compute',
  'deployments[0].compute.accelerator_type': 'compute.accelerator_type',
  'deployments[0].compute.accelerator_count': 'compute.num_accelerators',
  mlflow_run: 'mlflow_run_name',
  code_source_path: 'code_source',
  unity_catalog_image_path: 'environment.unity_catalog_image',
  docker_image_url: 'environment.docker_image.url',
  'environment.environment_version': 'environment.version',
  'environment.base_environment': 'environment.version',
  timeout_seconds: 'timeout_minutes',
  budget_policy_id: 'usage_policy_id',
  access_control_list: 'permissions',
};

const longestFirst = Object.entries(yamlPaths).sort(([a], [b]) => b.length - a.length);

const wrappers = /^(?:task|run_options|ai_runtime_task|spec|tasks\[0\])\./;

/** The path in the workload file of a path that the workspace reports; the path itself when they are the same. */
export function yamlPathOf(serverPath: string): string {
  let path = serverPath;
  while (wrappers.test(path)) path = path.replace(wrappers, '');
  path = path.replace(/^environment\.spec\./, 'environment.');
  const renamed = longestFirst.find(
    ([server]) => path.startsWith(server) && /^(?:$|[.[])/.test(path.slice(server.length)),
  );
  const yaml = renamed ? renamed[1] + path.slice(renamed[0].length) : path;
  return segmentsOf(yaml).reduce<string>(pathOf, '');
}
