import { idText, type RunOutput } from '../workspace/contract/index.js';

/** The MLflow run of one attempt. */
export interface MlflowIds {
  readonly experimentId: string;
  readonly runId: string;
}

/** The page of a run: `{host}/jobs/runs/{id}?o={workspace id}`; without `?o=` while the id is not known. */
export function dashboardUrl(host: string, runId: string, workspaceId: string | null): string {
  const page = `${trimmed(host)}/jobs/runs/${runId}`;
  return workspaceId === null ? page : `${page}?o=${workspaceId}`;
}

/** The MLflow ids that a task's output names, in the current shape or the earlier one; null without both. */
export function mlflowIdsOf(output: RunOutput | null | undefined): MlflowIds | null {
  const info = [output?.ai_runtime_task_output, output?.gen_ai_compute_output?.run_info].find(
    (shape) => idText(shape?.mlflow_experiment_id) !== null && shape?.mlflow_run_id,
  );
  const experimentId = idText(info?.mlflow_experiment_id);
  return experimentId !== null && info?.mlflow_run_id ? { experimentId, runId: info.mlflow_run_id } : null;
}

export function mlflowExperimentUrl(host: string, ids: MlflowIds): string {
  return `${trimmed(host)}/ml/experiments/${ids.experimentId}`;
}

export function mlflowRunUrl(host: string, ids: MlflowIds): string {
  return `${mlflowExperimentUrl(host, ids)}/runs/${ids.runId}`;
}

/** The page of the logs of a run's first node: what `mlflow_url` holds. */
export function mlflowLogsUrl(host: string, ids: MlflowIds): string {
  return `${mlflowRunUrl(host, ids)}/artifacts/logs/node_0`;
}

function trimmed(host: string): string {
  return host.replace(/\/+$/, '');
}
