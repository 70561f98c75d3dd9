import { idText, type Run } from '../workspace/contract/index.js';
import { dashboardUrl, mlflowExperimentUrl, mlflowLogsUrl, mlflowRunUrl } from './links.js';
import { attemptNumber, isWaitingForCompute, latestTask, statusWord, terminationReason } from './status.js';
import { durationSeconds, isoformat, reportedWindow } from './timing.js';
import type { Tracking } from './tracking.js';
import { acceleratorsOf, environmentName, experimentName, sweepTask, trainingTask } from './training.js';

/**
 * What a run is to a reader. The keys are those of the JSON output, first the eight that other tools know, and
 * text views are rendered from this alone: so JSON is never poorer than text. What is not known is null.
 */
export interface RunSummary {
  run_id: string;
  /** One word: the result, else PENDING while it waits for GPUs, else the life cycle. */
  status: string;
  started_at: string | null;
  /** Of the latest attempt, up to now while it runs. */
  duration_seconds: number | null;
  attempt_number: number;
  experiment_name: string | null;
  dashboard_url: string;
  /** The logs of the first node. */
  mlflow_url: string | null;
  /** Negative: without limit. */
  max_retries: number;
  user: string | null;
  accelerator_type: string | null;
  num_accelerators: number | null;
  environment: string | null;
  termination_reason: string | null;
  is_sweep: boolean;
  life_cycle_state: string | null;
  result_state: string | null;
  est_remaining_seconds: number | null;
  est_percent_complete: number | null;
  run_name: string | null;
  ended_at: string | null;
  /** Why a waiting run waits, in the platform's words. */
  status_message: string | null;
  mlflow_run_id: string | null;
  mlflow_run_name: string | null;
  mlflow_run_url: string | null;
  mlflow_experiment_url: string | null;
}

export interface Reading {
  readonly host: string;
  readonly workspaceId: string | null;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly tracking: Tracking;
}

/** Everything the commands say of one run, derived in this one place. */
export function summarize(run: Run, { host, workspaceId, now, tracking }: Reading): RunSummary {
  const runId = idText(run.run_id) ?? '';
  const { start, end } = reportedWindow(run);
  const task = trainingTask(run);
  const accelerators = acceleratorsOf(task);
  const { ids } = tracking;
  return {
    run_id: runId,
    status: statusWord(run),
    started_at: start === null ? null : isoformat(start),
    duration_seconds: durationSeconds(run, now),
    attempt_number: attemptNumber(run),
    experiment_name: experimentName(task),
    dashboard_url: dashboardUrl(host, runId, workspaceId),
    mlflow_url: ids && mlflowLogsUrl(host, ids),
    max_retries: latestTask(run)?.max_retries ?? 0,
    user: run.creator_user_name || null,
    accelerator_type: accelerators.type || null,
    num_accelerators: accelerators.count || null,
    environment: environmentName(run),
    termination_reason: terminationReason(run),
    is_sweep: sweepTask(run) !== undefined,
    life_cycle_state: run.state?.life_cycle_state || null,
    result_state: run.state?.result_state || null,
    est_remaining_seconds: tracking.progress?.remainingSeconds ?? null,
    est_percent_complete: tracking.progress?.percentComplete ?? null,
    run_name: run.run_name || null,
    ended_at: end === null ? null : isoformat(end),
    status_message: statusMessage(run, tracking),
    mlflow_run_id: ids && ids.runId,
    mlflow_run_name: tracking.runName,
    mlflow_run_url: ids && mlflowRunUrl(host, ids),
    mlflow_experiment_url: ids && mlflowExperimentUrl(host, ids),
  };
}

function statusMessage(run: Run, tracking: Tracking): string | null {
  if (!isWaitingForCompute(run)) return null;
  const said = [tracking.statusMessage, run.status?.queue_details?.message, run.state?.state_message];
  return said.map((text) => text?.trim()).find((text) => text) ?? null;
}
