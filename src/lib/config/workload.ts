import { codeSourceOf, type CodeFields } from './code-source.js';
import type { Permission, WorkloadConfig } from './types.js';
import type { DecodedWorkload } from './validate.js';

type Environment = NonNullable<WorkloadConfig['environment']>;
type DockerImage = NonNullable<Environment['docker_image']>;

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
