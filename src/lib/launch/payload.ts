import type { WorkloadConfig } from '../config/types.js';
import type {
  AccessControl,
  AiRuntimeTask,
  SubmitRequest,
  ValidationRequest,
} from '../workspace/contract/index.js';
import type { LaunchPlan } from './plan.js';

/** Where the launch's files lie in the workspace. */
export interface LaunchPlaces {
  /** The launch folder. */
  readonly folder: string;
  /** The code archive; null without code. */
  readonly code: string | null;
}

export interface SubmitChoices {
  token: string;
  /** The usage policy's id, resolved; undefined when none was asked for. */
  policyId: string | undefined;
}

/** The body of `runs/submit`. Keys that have nothing to say are left out, `max_retries` never. */
export function submitRequest(plan: LaunchPlan, places: LaunchPlaces, choices: SubmitChoices): SubmitRequest {
  const { config } = plan;
  const permissions = accessControl(config);
  return {
    run_name: config.experiment_name,
    idempotency_token: choices.token,
    ...(choices.policyId === undefined ? {} : { budget_policy_id: choices.policyId }),
    ...(config.timeout_minutes === undefined ? {} : { timeout_seconds: config.timeout_minutes * 60 }),
    environments: plan.environments,
    tasks: [
      {
        task_key: config.experiment_name,
        run_if: 'ALL_SUCCESS',
        environment_key: 'default',
        max_retries: plan.maxRetries,
        ...(plan.maxRetries > 0 ? { retry_on_timeout: true as const } : {}),
        ai_runtime_task: aiRuntimeTask(config, places),
      },
    ],
    ...(permissions.length === 0 ? {} : { access_control_list: permissions }),
  };
}

/** The body of the server's preflight: only what the user set, with the path the command will have. */
export function validationRequest(
  plan: LaunchPlan,
  places: LaunchPlaces,
  token: string | undefined,
): ValidationRequest {
  const { config } = plan;
  const task = aiRuntimeTask(config, places);
  delete task.code_source_path;
  const options: NonNullable<ValidationRequest['run_options']> = {
    ...(config.max_retries === undefined ? {} : { max_retries: config.max_retries }),
    ...(config.timeout_minutes === undefined ? {} : { timeout_minutes: config.timeout_minutes }),
    ...(token === undefined ? {} : { idempotency_token: token }),
    ...(config.usage_policy_name === undefined ? {} : { usage_policy_name: config.usage_policy_name }),
    ...(config.usage_policy_id === undefined ? {} : { usage_policy_id: config.usage_policy_id }),
    ...(config.env_variables === undefined ? {} : { env_variables: config.env_variables }),
    ...(config.secrets === undefined ? {} : { secrets: config.secrets }),
  };
  return {
    task: task as ValidationRequest['task'],
    ...(Object.keys(options).length === 0 ? {} : { run_options: options }),
    ...(plan.environments[0] === undefined ? {} : { environment: plan.environments[0] }),
  };
}

function aiRuntimeTask(config: WorkloadConfig, places: LaunchPlaces): AiRuntimeTask {
  const { compute, environment } = config;
  const image = environment?.docker_image?.url;
  return {
    experiment: config.experiment_name,
    deployments: [
      {
        command_path: `${places.folder}/command.sh`,
        compute: { accelerator_type: compute.accelerator_type, accelerator_count: compute.num_accelerators },
      },
    ],
    ...(places.code === null ? {} : { code_source_path: places.code }),
    ...(config.mlflow_run_name === undefined ? {} : { mlflow_run: config.mlflow_run_name }),
    ...(config.mlflow_experiment_directory === undefined
      ? {}
      : { mlflow_experiment_directory: config.mlflow_experiment_directory }),
    ...(image === undefined ? {} : { docker_image_url: image }),
    ...(environment?.unity_catalog_image === undefined
      ? {}
      : { unity_catalog_image_path: environment.unity_catalog_image }),
  };
}

function accessControl(config: WorkloadConfig): AccessControl[] {
  return (config.permissions ?? []).map(({ level, ...principal }) => ({
    ...principal,
    permission_level: level,
  }));
}
