import { pathOf, segmentsOf } from './fields.js';
import type { MappingNode } from './nodes.js';
import type { CodeSource, Permission, WorkloadConfig } from './types.js';
import type { DecodedWorkload } from './validate.js';

type Environment = NonNullable<WorkloadConfig['environment']>;
type DockerImage = NonNullable<Environment['docker_image']>;

interface CodeFields {
  root_path: string;
  remote_volume?: string;
  include_paths?: string[];
  git?: { branch?: string; commit?: string };
}

/** A valid file's fields as the rest of the program knows them: one form where the file may use several. */
export function workloadOf(value: DecodedWorkload): WorkloadConfig {
  const { parameters: _, environment, code_source, permissions, ...rest } = value;
  return {
    ...(rest as unknown as WorkloadConfig),
    ...(environment === undefined ? {} : { environment: environmentOf(environment as Environment) }),
    ...(code_source === undefined ? {} : { code_source: codeSourceOf(code_source as CodeFields) }),
    ...(permissions === undefined ? {} : { permissions: permissions as Permission[] }),
  };
}

function environmentOf(environment: Environment): Environment {
  const { version, docker_image } = environment;
  return {
    ...environment,
    ...(version === undefined ? {} : { version: version.toLowerCase() }),
    ...(docker_image === undefined ? {} : { docker_image: dockerImageOf(docker_image) }),
  };
}

/** An empty tag policy stands for the default. */
function dockerImageOf(image: Omit<DockerImage, 'tag_policy'> & { tag_policy?: string }): DockerImage {
  const { tag_policy: policy, ...rest } = image;
  return { ...rest, ...(policy === 'auto' || policy === 'latest' ? { tag_policy: policy } : {}) };
}

function codeSourceOf(code: CodeFields & { snapshot?: CodeFields }): CodeSource {
  const { root_path, remote_volume, include_paths, git } = code.snapshot ?? code;
  return {
    root_path,
    ...(remote_volume === undefined ? {} : { remote_volume }),
    ...(include_paths === undefined ? {} : { include_paths }),
    ...gitOf(git),
  };
}

function gitOf(git: CodeFields['git']): Pick<CodeSource, 'git'> {
  if (git?.branch !== undefined) return { git: { branch: git.branch } };
  return git?.commit === undefined ? {} : { git: { commit: git.commit } };
}

/** Where the file has a field of {@link WorkloadConfig}: the older form of code_source holds its fields deeper. */
export function writtenPath(root: MappingNode, path: string): string {
  const [top, field, ...below] = segmentsOf(path);
  const code = root.byKey.get('code_source')?.value;
  if (top !== 'code_source' || field === undefined || code?.kind !== 'mapping') return path;
  if (code.byKey.has(String(field)) || !code.byKey.has('snapshot')) return path;
  return ['code_source', 'snapshot', field, ...below].reduce<string>(pathOf, '');
}
