import { messageOf } from '../errors.js';
import type { Permission, WorkloadConfig } from '../config/types.js';
import type { Context } from '../io.js';
import { idText, type AccessControl } from '../workspace/contract/index.js';
import type { Workspace } from '../workspace/index.js';

/** What a level on the run means on its MLflow experiment. */
const experimentLevels: Readonly<Record<string, string>> = {
  CAN_VIEW: 'CAN_READ',
  CAN_MANAGE_RUN: 'CAN_EDIT',
  CAN_MANAGE: 'CAN_MANAGE',
  IS_OWNER: 'CAN_MANAGE',
};

/** How often a new experiment is asked after; milliseconds. */
const interval = 200;

/**
 * Shares the run's MLflow experiment with those who may see the run. Best effort: the run is submitted, and its
 * own permissions went with it. An experiment that does not exist yet is waited for, `patience` milliseconds at most.
 * @returns warnings: what could not be shared, and why
 */
export async function shareExperiment(
  workspace: Workspace,
  config: WorkloadConfig,
  runId: string,
  patience: number,
  context: Context,
): Promise<string[]> {
  const entries = (config.permissions ?? []).flatMap(experimentEntry);
  if (entries.length === 0) return [];
  try {
    const experimentId =
      (await idByName(workspace, config)) ?? (await idByRun(workspace, runId, patience, context));
    if (experimentId === null) {
      return [
        `The permissions are on the run, but not on its MLflow experiment: it does not exist yet. ` +
          `Share the experiment once the run has started.`,
      ];
    }
    await workspace.permissions.shareExperiment(experimentId, entries);
    return [];
  } catch (error) {
    context.signal.throwIfAborted();
    return [`The permissions are on the run, but not on its MLflow experiment: ${messageOf(error)}`];
  }
}

function experimentEntry({ level, ...principal }: Permission): AccessControl[] {
  const permission = experimentLevels[level];
  return permission === undefined ? [] : [{ ...principal, permission_level: permission }];
}

/** The experiment lies in the folder that was asked for, else in the user's own. */
async function idByName(workspace: Workspace, config: WorkloadConfig): Promise<string | null> {
  const { userName } = await workspace.me();
  const folder =
    config.mlflow_experiment_directory?.replace(/^\/Workspace(?=\/|$)/, '') ?? `/Users/${userName}`;
  const experiment = await workspace.mlflow.experimentByName(`${folder}/${config.experiment_name}`);
  return experiment?.experiment_id ?? null;
}

async function idByRun(
  workspace: Workspace,
  runId: string,
  patience: number,
  { clock, signal }: Context,
): Promise<string | null> {
  const deadline = clock.now() + patience;
  const run = await workspace.jobs.get(runId);
  const taskRunId = idText(run.tasks?.at(-1)?.run_id);
  if (taskRunId === null) return null;
  for (;;) {
    const output = await workspace.jobs.getOutput(taskRunId);
    const id = idText(output.ai_runtime_task_output?.mlflow_experiment_id);
    if (id !== null || clock.now() + interval >= deadline) return id;
    await clock.sleep(interval, signal);
  }
}
