import type { WireInteger } from './integer.js';

export const lifeCycleStates = [
  'QUEUED',
  'PENDING',
  'RUNNING',
  'TERMINATING',
  'TERMINATED',
  'SKIPPED',
  'INTERNAL_ERROR',
  'BLOCKED',
  'WAITING_FOR_RETRY',
] as const;
export type LifeCycleState = (typeof lifeCycleStates)[number];

export const resultStates = [
  'SUCCESS',
  'FAILED',
  'TIMEDOUT',
  'CANCELED',
  'MAXIMUM_CONCURRENT_RUNS_REACHED',
  'UPSTREAM_CANCELED',
  'UPSTREAM_FAILED',
  'EXCLUDED',
  'SUCCESS_WITH_FAILURES',
  'DISABLED',
] as const;
export type ResultState = (typeof resultStates)[number];

/** States are open sets: a server may answer with one that is not listed here. */
export interface RunState {
  life_cycle_state?: LifeCycleState | (string & {});
  result_state?: ResultState | (string & {});
  state_message?: string;
}

export interface RunStatus {
  state?: string;
  termination_details?: { code?: string; type?: string; message?: string };
  queue_details?: { code?: string; message?: string };
}

export interface ComputeSpec {
  accelerator_type?: string;
  accelerator_count?: number;
}

export interface Deployment {
  command_path?: string;
  compute?: ComputeSpec;
}

export interface AiRuntimeTask {
  experiment?: string;
  deployments?: Deployment[];
  code_source_path?: string;
  mlflow_run?: string;
  mlflow_experiment_directory?: string;
  docker_image_url?: string;
  unity_catalog_image_path?: string;
}

/** How runs of earlier generations say what they are. Only read, never written. */
export interface LegacyGenAiTask {
  training_script_path?: string;
  mlflow_experiment_name?: string;
  compute?: { gpu_type?: string; num_gpus?: number };
  yaml_parameters?: string;
  yaml_parameters_file_path?: string;
}

export interface ForEachTask {
  task?: RunTask;
  stats?: {
    task_run_stats?: {
      total_iterations?: number;
      completed_iterations?: number;
      succeeded_iterations?: number;
      failed_iterations?: number;
      active_iterations?: number;
    };
  };
}

export interface RunTask {
  run_id?: WireInteger;
  task_key?: string;
  attempt_number?: number;
  max_retries?: number;
  retry_on_timeout?: boolean;
  /** Milliseconds since the epoch; 0 or absent while it has not happened. */
  start_time?: number;
  end_time?: number;
  setup_duration?: number;
  execution_duration?: number;
  run_duration?: number;
  queue_duration?: number;
  run_page_url?: string;
  state?: RunState;
  status?: RunStatus;
  environment_key?: string;
  ai_runtime_task?: AiRuntimeTask;
  gen_ai_compute_task?: LegacyGenAiTask;
  for_each_task?: ForEachTask;
}

export interface Environment {
  environment_key?: string;
  spec?: { environment_version?: string; base_environment?: string; dependencies?: string[] };
}

/** A run, or the page of it that one `runs/get` answers (`next_page_token` says there is more). */
export interface Run {
  run_id?: WireInteger;
  job_id?: WireInteger;
  run_name?: string;
  run_type?: string;
  creator_user_name?: string;
  start_time?: number;
  end_time?: number;
  run_duration?: number;
  attempt_number?: number;
  run_page_url?: string;
  state?: RunState;
  status?: RunStatus;
  tasks?: RunTask[];
  iterations?: RunTask[];
  environments?: Environment[];
  has_more?: boolean;
  next_page_token?: string;
}

export interface RunsPage {
  runs?: Run[];
  has_more?: boolean;
  next_page_token?: string;
  prev_page_token?: string;
}

export interface RunOutput {
  metadata?: Run;
  error?: string;
  ai_runtime_task_output?: {
    mlflow_experiment_id?: WireInteger;
    mlflow_run_id?: string;
    /** `STATUS:<text>` while the platform has something to say about a waiting run. */
    status_message?: string;
  };
  gen_ai_compute_output?: {
    run_info?: { mlflow_experiment_id?: WireInteger; mlflow_run_id?: string };
  };
}

export interface AccessControl {
  user_name?: string;
  group_name?: string;
  service_principal_name?: string;
  permission_level: string;
}

/** The body of `runs/submit` as this program sends it. */
export interface SubmitRequest {
  run_name: string;
  idempotency_token: string;
  budget_policy_id?: string;
  timeout_seconds?: number;
  environments: Environment[];
  tasks: SubmitTask[];
  access_control_list?: AccessControl[];
}

export interface SubmitTask {
  task_key: string;
  run_if: 'ALL_SUCCESS';
  environment_key: string;
  max_retries: number;
  retry_on_timeout?: true;
  ai_runtime_task: AiRuntimeTask;
}

export interface SubmitResponse {
  run_id: WireInteger;
}
