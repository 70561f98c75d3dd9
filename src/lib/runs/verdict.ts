import { exitCodes } from '../errors.js';
import { idText, type Run } from '../workspace/contract/index.js';
import type { Workspace } from '../workspace/index.js';
import { dashboardUrl, mlflowIdsOf, mlflowLogsUrl } from './links.js';
import { attemptNumber, hasSucceeded, isOver, latestTask, statusWord, terminationReason } from './status.js';
import { workspaceIdOf } from './workspace-id.js';

/** What a followed or awaited run came to: the closing data of `run --watch`, `logs` and `wait`. */
export interface Verdict {
  run_id: string;
  status: string;
  attempt_number: number;
  termination_reason: string | null;
  dashboard_url: string | null;
  mlflow_url: string | null;
  /** True when the time to wait was up before the run was. */
  timed_out: boolean;
}

/** Where a run can be looked at; a link that cannot be found out is null, never an error. */
export interface RunLinks {
  dashboard: string | null;
  mlflow: string | null;
}

export function verdictOf(run: Run, runId: string, links: RunLinks, timedOut = false): Verdict {
  return {
    run_id: runId,
    status: statusWord(run),
    attempt_number: attemptNumber(run),
    termination_reason: terminationReason(run),
    dashboard_url: links.dashboard,
    mlflow_url: links.mlflow,
    timed_out: timedOut,
  };
}

/** The exit code that tells a run's state: 0 while it goes on or when it succeeded, 1 when it ended otherwise. */
export function exitCodeOf(run: Run): number {
  return isOver(run) && !hasSucceeded(run) ? exitCodes.runFailed : exitCodes.success;
}

/** Milliseconds that links may keep a verdict waiting. */
const linksTimeout = 5000;

/** The links of a run and of its latest attempt, asked side by side. */
export async function linksOf(
  workspace: Workspace,
  run: Run,
  runId: string,
  timeout = linksTimeout,
): Promise<RunLinks> {
  const taskId = idText(latestTask(run)?.run_id);
  const [workspaceId, ids] = await Promise.all([
    workspaceIdOf(workspace),
    taskId === null
      ? null
      : workspace.jobs.getOutput(taskId, { timeout, budget: timeout }).then(mlflowIdsOf, () => null),
  ]);
  return {
    dashboard: dashboardUrl(workspace.host, runId, workspaceId),
    mlflow: ids ? mlflowLogsUrl(workspace.host, ids) : null,
  };
}
