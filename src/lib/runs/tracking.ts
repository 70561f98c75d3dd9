import { idText, type MlflowRun, type Run, type RunOutput } from '../workspace/contract/index.js';
import type { Workspace } from '../workspace/index.js';
import { mlflowIdsOf, type MlflowIds } from './links.js';
import { estimateProgress, progressMetric, type Progress } from './progress.js';
import { isWaitingForCompute, latestTask } from './status.js';

/** What MLflow and the platform add to a run's own answer. */
export interface Tracking {
  readonly ids: MlflowIds | null;
  readonly runName: string | null;
  readonly progress: Progress | null;
  /** What the platform says about a run that waits. */
  readonly statusMessage: string | null;
  /** False when an answer failed: what is null here may only be unknown. */
  readonly complete: boolean;
}

/** Milliseconds for an answer that a reader can do without. */
const patience = 4000;

export const noTracking: Tracking = {
  ids: null,
  runName: null,
  progress: null,
  statusMessage: null,
  complete: true,
};

/**
 * Asks for the MLflow run of the latest attempt, its name and, while it trains, its progress: two round trips
 * deep. Nothing here is worth failing for, so what cannot be had is null.
 * @param known Ids that an earlier answer gave for the same attempt.
 */
export async function readTracking(
  workspace: Workspace,
  run: Run,
  known: Pick<Tracking, 'ids' | 'runName'> | null = null,
): Promise<Tracking> {
  const taskRunId = idText(latestTask(run)?.run_id);
  if (taskRunId === null) return noTracking;
  let ids = known?.ids ?? null;
  let statusMessage: string | null = null;
  if (ids === null) {
    const output = await attempt(workspace.jobs.getOutput(taskRunId, { budget: patience }));
    if (output === failed) return { ...noTracking, complete: false };
    ids = mlflowIdsOf(output);
    statusMessage = statusMessageOf(output);
  }
  if (ids === null) return { ...noTracking, statusMessage };
  const trains = run.state?.life_cycle_state === 'RUNNING' && !isWaitingForCompute(run);
  if (known?.runName != null && !trains) {
    return { ids, runName: known.runName, progress: null, statusMessage, complete: true };
  }
  const [mlflowRun, history] = await Promise.all([
    attempt<MlflowRun>(workspace.mlflow.run(ids.runId, { budget: patience })),
    trains ? attempt(workspace.mlflow.metricHistory(ids.runId, progressMetric, { budget: patience })) : [],
  ]);
  return {
    ids,
    runName: mlflowRun === failed ? (known?.runName ?? null) : mlflowRun.info?.run_name || null,
    progress: mlflowRun === failed || history === failed ? null : estimateProgress(mlflowRun, history),
    statusMessage,
    complete: mlflowRun !== failed,
  };
}

function statusMessageOf(output: RunOutput): string | null {
  const text = output.ai_runtime_task_output?.status_message;
  return /^STATUS:\s*(.*\S)\s*$/s.exec(text ?? '')?.[1] ?? null;
}

const failed = Symbol('failed');

async function attempt<T>(request: Promise<T>): Promise<T | typeof failed> {
  try {
    return await request;
  } catch {
    return failed;
  }
}
