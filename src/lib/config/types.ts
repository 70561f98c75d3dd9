import type { Diagnostic } from '../errors.js';
import type { FieldProblem } from './problem.js';

/** A validated workload: trimmed where the rules trim, numbers as numbers, nothing defaulted. */
export interface WorkloadConfig {
  experiment_name: string;
  compute: {
    accelerator_type: string;
    /** GPUs in total, over all nodes. */
    num_accelerators: number;
  };
  command: string;
  environment?: {
    /** `5` or `databricks_ai_v5`: what the file said, or what its requirements file said. */
    version?: string;
    /** Inlined when the file named a requirements file. */
    dependencies?: string[];
    docker_image?: {
      url: string;
      tag_policy?: 'auto' | 'latest';
      credentials_scope?: string;
      credentials_key?: string;
    };
    unity_catalog_image?: string;
  };
  env_variables?: Record<string, string>;
  /** `NAME: scope/key`. */
  secrets?: Record<string, string>;
  code_source?: CodeSource;
  max_retries?: number;
  timeout_minutes?: number;
  idempotency_token?: string;
  mlflow_run_name?: string;
  mlflow_experiment_directory?: string;
  permissions?: Permission[];
  usage_policy_name?: string;
  usage_policy_id?: string;
}

/** The flat form and the older `snapshot` form both end up here. */
export interface CodeSource {
  /** As written: still relative to the file, with its variables. */
  root_path: string;
  remote_volume?: string;
  include_paths?: string[];
  git?: { branch: string } | { commit: string };
}

/** What of a file's code is not there as the file says; `directory` is the file's. Paths are those of `config`. */
export type CodeCheck = (source: CodeSource, directory: string) => Promise<readonly FieldProblem[]>;

export interface Permission {
  user_name?: string;
  group_name?: string;
  service_principal_name?: string;
  level: string;
}

export interface AppliedOverride {
  path: string;
  /** Source text before; null when the key was not there. Values of secrets-like keys are redacted. */
  from: string | null;
  to: string;
  /** The plugin that gave the override; undefined for the user's own. */
  plugin?: string;
}

/** What a file says with the user's overrides applied, in the schema's types, before anything is checked. */
export type WorkloadDraft = Partial<Record<keyof WorkloadConfig | 'parameters', unknown>>;

/** What a plugin has to say about a workload. */
export interface Amendment {
  readonly plugin: string;
  /** `PATH=VALUE`, as after `--override`; applied after the user's. */
  readonly overrides: readonly string[];
  /** Problems that the plugin finds; a path that is not there is told by its nearest parent. */
  readonly problems: readonly PluginProblem[];
}

export interface PluginProblem {
  readonly path: string;
  readonly message: string;
  readonly hint?: string;
}

/** A workload file, read, overridden and found valid. */
export interface LoadedConfig {
  /** As the user typed it. */
  file: string;
  /** Absolute; relative paths of the file start here. */
  directory: string;
  config: WorkloadConfig;
  /** What is uploaded as `training_config.yaml`: the file's own bytes, or its text with overrides applied. */
  trainingConfig: string;
  /** What is uploaded as `hyperparameters.yaml`, written when it is asked for; undefined without `parameters`. */
  readonly hyperparameters: string | undefined;
  overrides: readonly AppliedOverride[];
  warnings: readonly Diagnostic[];
  /**
   * Problems that turn up after the check, at their places and in the order of the file. Paths are those of
   * `config`; the server's are its own.
   */
  readonly diagnose: (problems: readonly FieldProblem[], reporter?: 'server') => Diagnostic[];
}
