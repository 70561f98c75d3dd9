import type { Run, RunTask } from '../workspace/contract/index.js';

const finalLifeCycles = new Set(['TERMINATED', 'SKIPPED', 'INTERNAL_ERROR']);
const waitingLifeCycles = new Set(['PENDING', 'QUEUED', 'WAITING_FOR_RETRY', 'BLOCKED']);

/** Whether the run has ended: by its life cycle, or because it has a result already. */
export function isOver(run: Run): boolean {
  return finalLifeCycles.has(run.state?.life_cycle_state ?? '') || Boolean(run.state?.result_state);
}

/** Whether the run ended well. `SUCCESS` alone counts. */
export function hasSucceeded(run: Run): boolean {
  return run.state?.result_state === 'SUCCESS';
}

/**
 * The task of the latest attempt: the one with the highest attempt number, the last of them if several have
 * it. Every field of a run that belongs to an attempt is read from this one.
 */
export function latestTask(run: Run): RunTask | undefined {
  let latest: RunTask | undefined;
  for (const task of run.tasks ?? []) {
    if ((task.attempt_number ?? 0) >= (latest?.attempt_number ?? 0)) latest = task;
  }
  return latest;
}

/** The task of one attempt; undefined when there was none. */
export function taskOfAttempt(run: Run, attempt: number): RunTask | undefined {
  return run.tasks?.findLast((task) => (task.attempt_number ?? 0) === attempt);
}

export function attemptNumber(run: Run): number {
  return latestTask(run)?.attempt_number ?? 0;
}

/** Whether the run waits for GPUs: it has no result, and it or its latest attempt has not begun. */
export function isWaitingForCompute(run: Run): boolean {
  if (run.state?.result_state) return false;
  const lifeCycle = run.state?.life_cycle_state;
  if (lifeCycle === 'PENDING') return true;
  return lifeCycle === 'RUNNING' && waitingLifeCycles.has(latestTask(run)?.state?.life_cycle_state ?? '');
}

/** The one word for a run's state that every command shows: result, else PENDING, else life cycle. */
export function statusWord(run: Run): string {
  const { state } = run;
  if (state?.result_state) return state.result_state;
  if (isWaitingForCompute(run)) return 'PENDING';
  return state?.life_cycle_state || 'UNKNOWN';
}

const unhappyWords = new Set(['FAILED', 'TIMEDOUT', 'INTERNAL_ERROR']);

/** Why a run failed, timed out or broke, in the server's words; null for every other state. */
export function terminationReason(run: Run): string | null {
  if (!unhappyWords.has(statusWord(run))) return null;
  const candidates = [
    run.status?.termination_details?.message,
    run.state?.state_message,
    latestTask(run)?.state?.state_message,
  ];
  return candidates.map((text) => text?.trim()).find((text) => text) ?? null;
}
