import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkCompute } from '../../compute/validation.js';
import { messageOf } from '../../errors.js';
import type { ComputeSpec } from '../../workspace/contract/index.js';
import type { Layout } from '../state/layout.js';
import type { SubmittedRun, SubmittedTask } from '../store/job-records.js';
import { volumePlace, workspacePlace } from '../store/place.js';
import type { SecretStore } from '../store/secrets.js';
import { invalid } from './errors.js';
import { missingSecrets, type SecretReference } from './missing-secrets.js';

/** The files and values of a submitted run, resolved on this machine. */
export interface Workload {
  task: SubmittedTask;
  compute: Required<ComputeSpec>;
  commandFile: string;
  hyperparametersFile: string | undefined;
  codeArchive: string | undefined;
  dependencies: string[];
  variables: Record<string, string>;
  secretReferences: SecretReference[];
}

/**
 * Reads what a submitted run refers to.
 * @throws ApiFailure when the run cannot work here, with what is missing.
 */
export function readWorkload(request: SubmittedRun, layout: Layout, secrets: SecretStore): Workload {
  const [task, ...others] = request.tasks ?? [];
  if (!task?.ai_runtime_task || others.length > 0) {
    throw invalid('The local workspace runs exactly one task, and it must be an ai_runtime_task.');
  }
  const { ai_runtime_task: training } = task;
  if (training.docker_image_url || training.unity_catalog_image_path) {
    throw invalid(
      `The local workspace runs commands on this machine itself, so it cannot use the image ` +
        `${training.docker_image_url ?? training.unity_catalog_image_path}. ` +
        'Leave docker_image and unity_catalog_image out of the environment to run here.',
    );
  }
  const [deployment, ...more] = training.deployments ?? [];
  if (!deployment || more.length > 0) throw invalid('An ai_runtime_task has exactly one deployment.');
  const compute = {
    accelerator_type: deployment.compute?.accelerator_type ?? '',
    accelerator_count: deployment.compute?.accelerator_count ?? 0,
  };
  const [problem] = checkCompute(compute.accelerator_type, compute.accelerator_count);
  if (problem) throw invalid(problem.message);
  const commandFile = existing(
    workspacePlace(layout, deployment.command_path ?? ''),
    deployment.command_path,
  );
  const folder = dirname(commandFile);
  const code = training.code_source_path;
  const hyperparameters = join(folder, 'hyperparameters.yaml');
  const secretReferences = readList<SecretReference>(join(folder, 'secret_env_vars.json'));
  const missing = missingSecrets(secretReferences, secrets);
  if (missing.length > 0) throw invalid(missing.map(({ message, hint }) => `${message} ${hint}`).join('\n'));
  const environment = request.environments?.find((item) => item.environment_key === task.environment_key);
  return {
    task,
    compute,
    commandFile,
    hyperparametersFile: existsSync(hyperparameters) ? hyperparameters : undefined,
    codeArchive: code
      ? existing(
          code.startsWith('/Volumes/') ? volumePlace(layout, code) : workspacePlace(layout, code),
          code,
        )
      : undefined,
    dependencies: environment?.spec?.dependencies ?? [],
    variables: Object.fromEntries(
      readList<{ name: string; value: string }>(join(folder, 'env_vars.json')).map((item) => [
        item.name,
        item.value,
      ]),
    ),
    secretReferences,
  };
}

/** The values of the secrets that the workload names, by variable. */
export function secretVariables(workload: Workload, secrets: SecretStore): Record<string, string> {
  return Object.fromEntries(
    workload.secretReferences.map(({ name, secret_scope: scope, secret_key: key }) => {
      const value = secrets.value(scope, key);
      if (!value) throw invalid(`The secret ${scope}/${key} is gone from the local workspace.`);
      return [name, value.toString('utf8')];
    }),
  );
}

function existing(place: { file: string } | undefined, path: string | undefined): string {
  if (place && existsSync(place.file)) return place.file;
  throw invalid(`The file ${path ?? '(no path)'} does not exist in the workspace.`);
}

function readList<T>(file: string): T[] {
  if (!existsSync(file)) return [];
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as T[];
  } catch (error) {
    throw invalid(`The file ${file} beside the command cannot be read: ${messageOf(error)}`);
  }
}
