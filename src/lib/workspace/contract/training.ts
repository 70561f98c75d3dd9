import type { WireInteger } from './integer.js';
import type { Environment } from './jobs.js';

/** One line of a node's output. */
export interface LogRecord {
  /** Nanoseconds since the epoch: beyond 2^53, so usually its digits. */
  time_unix_nano?: WireInteger;
  body?: string;
  node_index?: number;
  record_id?: string;
}

export interface LogPage {
  log_records?: LogRecord[];
  next_page_token?: string;
}

export interface TrainingWorkflow {
  job_run_id?: WireInteger;
  submit_time?: string | { seconds?: WireInteger; nanos?: number };
}

export interface TrainingWorkflowsPage {
  training_workflows?: TrainingWorkflow[];
  next_page_token?: string;
}

export interface ValidationRequest {
  task: {
    experiment: string;
    deployments: { command_path: string; compute: { accelerator_type: string; accelerator_count: number } }[];
    mlflow_run?: string;
    mlflow_experiment_directory?: string;
    unity_catalog_image_path?: string;
    docker_image_url?: string;
  };
  run_options?: {
    max_retries?: number;
    timeout_minutes?: number;
    idempotency_token?: string;
    usage_policy_name?: string;
    usage_policy_id?: string;
    env_variables?: Record<string, string>;
    secrets?: Record<string, string>;
  };
  environment?: Environment;
}

export interface ValidationResponse {
  errors?: {
    path?: string;
    message?: string;
    code?: string;
    /** What to do about it; only the local workspace knows that. */
    hint?: string;
  }[];
}
