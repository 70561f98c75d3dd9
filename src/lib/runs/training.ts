import type { Environment, LegacyGenAiTask, Run, RunTask } from '../workspace/contract/index.js';
import { latestTask } from './status.js';

/** The task that does the training: that of the latest attempt, or the inner one of a sweep. */
export function trainingTask(run: Run): RunTask | undefined {
  const task = sweepTask(run) ?? latestTask(run);
  return task?.for_each_task ? task.for_each_task.task : task;
}

/** The for-each task that makes a run a sweep. */
export function sweepTask(run: Run): RunTask | undefined {
  return run.tasks?.find((task) => task.for_each_task !== undefined);
}

/** Whether a run trains on AI Runtime, in the current form or an earlier one. */
export function isTrainingRun(run: Run): boolean {
  const first = run.tasks?.[0];
  const task = first?.for_each_task ? first.for_each_task.task : first;
  return task?.ai_runtime_task !== undefined || Boolean(task?.gen_ai_compute_task?.training_script_path);
}

/** Legacy name first: a task of the earlier form may carry an empty current one. */
export function experimentName(task: RunTask | undefined): string | null {
  const name = task?.gen_ai_compute_task?.mlflow_experiment_name ?? task?.ai_runtime_task?.experiment;
  return name ? withoutUserFolder(name) : null;
}

/** `/Users/<user>/a/b` is shown as `a/b`; a name elsewhere stays as it is. */
function withoutUserFolder(name: string): string {
  return /^\/Users\/[^/]*\/(.+)$/s.exec(name)?.[1] ?? name;
}

export interface Accelerators {
  /** The type as the server names it (`GPU_8xH100`, or a legacy name). */
  readonly type: string | null;
  readonly count: number | null;
}

export function acceleratorsOf(task: RunTask | undefined): Accelerators {
  const legacy: LegacyGenAiTask['compute'] = task?.gen_ai_compute_task?.compute;
  const current = task?.ai_runtime_task?.deployments?.[0]?.compute;
  return {
    type: legacy?.gpu_type ?? current?.accelerator_type ?? null,
    count: legacy?.num_gpus ?? current?.accelerator_count ?? null,
  };
}

/** What the run's environment is called: its version, else its base environment, else its image. */
export function environmentName(run: Run): string | null {
  const task = trainingTask(run);
  const spec = environmentOf(run, latestTask(run)?.environment_key)?.spec;
  return (
    spec?.environment_version ||
    spec?.base_environment ||
    task?.ai_runtime_task?.docker_image_url ||
    task?.ai_runtime_task?.unity_catalog_image_path ||
    null
  );
}

function environmentOf(run: Run, key = 'default'): Environment | undefined {
  const named = (name: string) => run.environments?.find((each) => each.environment_key === name);
  return named(key) ?? named('default');
}
