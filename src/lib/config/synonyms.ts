import { nearest } from '../nearest.js';
import { fieldPaths, pathOf } from './fields.js';

/** What other tools call our fields, as far as it does not resemble our own words. */
export const synonyms: Readonly<Record<string, readonly string[]>> = {
  experiment_name: ['experiment', 'job_name', 'name', 'run_name', 'task_name'],
  compute: ['resources'],
  'compute.num_accelerators': ['count', 'gpu_count', 'gpus', 'num_gpus'],
  'compute.accelerator_type': ['accelerator', 'accelerators', 'gpu', 'gpu_type', 'instance_type', 'type'],
  command: ['args', 'cmd', 'entrypoint', 'run', 'script'],
  'environment.dependencies': ['packages', 'pip', 'requirements'],
  'environment.docker_image': ['container', 'docker', 'image'],
  env_variables: ['env', 'env_vars', 'environment_variables', 'envs'],
  code_source: ['code', 'source'],
  'code_source.root_path': ['dir', 'directory', 'folder', 'path', 'root', 'workdir', 'working_dir'],
  'code_source.git.commit': ['ref', 'revision'],
  'code_source.include_paths': ['files', 'include', 'paths'],
  parameters: ['hparams', 'hyperparameters', 'hyperparams', 'params'],
  max_retries: ['restarts', 'retries', 'retry'],
  timeout_minutes: ['max_runtime', 'time_limit', 'timeout'],
  permissions: ['access_control_list', 'acl'],
  'permissions.level': ['permission', 'permission_level'],
};

/**
 * The path of the field that an unknown key of `parent` ('' at the top) probably stands for: one that other tools call
 * so, one of its neighbours `names` that resembles it, or one of that name elsewhere.
 */
export function meantField(parent: string, name: string, names: readonly string[]): string | undefined {
  const synonym = synonymOf(parent, name);
  if (synonym !== undefined) return synonym;
  const neighbour = nearest(name, names);
  if (neighbour !== null) return pathOf(parent, neighbour);
  return fieldPaths().find((path) => path.endsWith(`.${name}`));
}

/** A field of `parent`, or one below it, that other tools call so. */
export function synonymOf(parent: string, name: string): string | undefined {
  const found = Object.entries(synonyms).find(
    ([field, words]) => words.includes(name) && (parent === '' || field.startsWith(`${parent}.`)),
  );
  return found?.[0];
}
