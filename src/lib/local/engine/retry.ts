import type { AttemptRecord, RunRecord } from '../store/job-records.js';
import type { Outcome } from './outcome.js';

/** Whether a run goes on with another attempt after one that ended so. */
export function deservesRetry(run: RunRecord, attempt: AttemptRecord, outcome: Outcome): boolean {
  const task = run.request.tasks[0];
  if (run.cancelRequested || attempt.startedAt === null) return false;
  const limit = task?.max_retries ?? 0;
  // The Jobs API reads -1 as no limit.
  if (limit !== -1 && attempt.number >= limit) return false;
  if (outcome.result === 'TIMEDOUT') return task?.retry_on_timeout === true;
  return outcome.result === 'FAILED';
}
