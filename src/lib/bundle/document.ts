import type { Permission } from '../config/types.js';
import type { LaunchPlan } from '../launch/plan.js';
import type { YamlValue } from './yaml.js';

/** The folder, inside the bundle, of the files that go with the command. */
export const artifactsFolder = 'generated_artifacts';
/** What the bundle packs the code into. Paths of a bundle need their `./`: bare names mean packages. */
const codeArchive = './dist/code_source.tgz';

/** The code of a bundle: a folder below the bundle's own. */
export interface BundleCode {
  /** The folder that holds the code's folder, relative to the bundle: `.` or `./...`. */
  readonly parent: string;
  /** The code folder's own name. */
  readonly directory: string;
  readonly includePaths: readonly string[];
  readonly git: { branch: string } | { commit: string } | undefined;
}

type Mapping = Record<string, YamlValue>;

/**
 * The bundle's `databricks.yml`: one job, named as the experiment, that does what a submission of the same
 * plan does. The time limit is the job's, as it is the run's in a submission.
 */
export function bundleDocument(plan: LaunchPlan, code: BundleCode | null): Mapping {
  const { experiment_name: name } = plan.config;
  return {
    bundle: { name },
    sync: { paths: [artifactsFolder] },
    ...(code === null ? {} : { artifacts: { code_source: codeArtifact(code) } }),
    targets: { dev: { mode: 'development', default: true } },
    resources: { jobs: { [name]: job(plan, code) } },
  };
}

function codeArtifact({ parent, directory, includePaths, git }: BundleCode): Mapping {
  return {
    type: 'tgz',
    path: parent,
    ...(git === undefined ? {} : { git: { ...git } }),
    include: includePaths.length === 0 ? [directory] : includePaths.map((path) => `${directory}/${path}`),
    files: [{ source: codeArchive }],
  };
}

function job(plan: LaunchPlan, code: BundleCode | null): Mapping {
  const { config } = plan;
  const permissions = (config.permissions ?? []).map(permission);
  return {
    name: config.experiment_name,
    ...(config.timeout_minutes === undefined ? {} : { timeout_seconds: config.timeout_minutes * 60 }),
    tasks: [task(plan, code)],
    environments: plan.environments.map(({ environment_key = 'default', spec = {} }) => ({
      environment_key,
      spec: spec,
    })),
    ...(config.usage_policy_id === undefined ? {} : { budget_policy_id: config.usage_policy_id }),
    ...(permissions.length === 0 ? {} : { permissions }),
  };
}

function task({ config, maxRetries }: LaunchPlan, code: BundleCode | null): Mapping {
  const { compute, environment } = config;
  return {
    task_key: config.experiment_name,
    environment_key: 'default',
    max_retries: maxRetries,
    ...(maxRetries > 0 ? { retry_on_timeout: true } : {}),
    ai_runtime_task: {
      experiment: config.experiment_name,
      deployments: [
        {
          command_path: `./${artifactsFolder}/command.sh`,
          compute: {
            accelerator_type: compute.accelerator_type,
            accelerator_count: compute.num_accelerators,
          },
        },
      ],
      ...(code === null ? {} : { code_source_path: codeArchive }),
      ...optional('mlflow_run', config.mlflow_run_name),
      ...optional('mlflow_experiment_directory', config.mlflow_experiment_directory),
      ...optional('unity_catalog_image_path', environment?.unity_catalog_image),
    },
  };
}

function permission({ level, ...principal }: Permission): Mapping {
  return { level, ...(principal as Record<string, string>) };
}

function optional(key: string, value: string | undefined): Mapping {
  return value === undefined ? {} : { [key]: value };
}
