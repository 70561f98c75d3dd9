import { idText, type Run } from '../workspace/contract/index.js';
import type { Workspace } from '../workspace/index.js';
import { isWaitingForCompute, latestTask } from './status.js';

/**
 * Why a run shows nothing yet: the platform's own words for its latest attempt, else what its state says.
 * Never throws for a failed request.
 */
export async function waitingMessage(workspace: Workspace, run: Run, timeout = 5000): Promise<string> {
  const taskId = idText(latestTask(run)?.run_id);
  const output =
    taskId === null
      ? null
      : await workspace.jobs.getOutput(taskId, { retry: 'never', timeout }).catch(() => null);
  const said = /^\s*STATUS\s*:(.*)$/is
    .exec(output?.ai_runtime_task_output?.status_message ?? '')?.[1]
    ?.trim()
    .replace(/\.+$/, '');
  if (said) return `${said}...`;
  return isWaitingForCompute(run)
    ? 'Waiting for GPUs to become available...'
    : 'Waiting for the first lines...';
}
