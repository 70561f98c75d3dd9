import { idText, type RunTask } from '../workspace/contract/index.js';
import { statusWord } from './status.js';
import { durationSeconds, isoformat, reportedWindow } from './timing.js';
import { experimentName } from './training.js';

/** The iterations of a for-each run. The keys are those of the JSON output. */
export interface Sweep {
  total_iterations: number;
  completed_iterations: number;
  succeeded_iterations: number;
  failed_iterations: number;
  active_iterations: number;
  /** Null when the server would not say. */
  iterations: Iteration[] | null;
}

export interface Iteration {
  task_key: string | null;
  run_id: string | null;
  status: string;
  started_at: string | null;
  duration_seconds: number | null;
  attempt_number: number;
  experiment_name: string | null;
}

export function describeSweep(task: RunTask, iterations: readonly RunTask[] | null, now: number): Sweep {
  const stats = task.for_each_task?.stats?.task_run_stats;
  const inner = task.for_each_task?.task;
  return {
    total_iterations: stats?.total_iterations ?? 0,
    completed_iterations: stats?.completed_iterations ?? 0,
    succeeded_iterations: stats?.succeeded_iterations ?? 0,
    failed_iterations: stats?.failed_iterations ?? 0,
    active_iterations: stats?.active_iterations ?? 0,
    iterations: iterations && iterations.map((each) => describeIteration(each, inner, now)),
  };
}

function describeIteration(task: RunTask, inner: RunTask | undefined, now: number): Iteration {
  // An iteration is a task on its own: read as a run of that one task, so that every rule is the shared one.
  const run = { ...(task.state ? { state: task.state } : {}), tasks: [task] };
  const { start } = reportedWindow(run);
  return {
    task_key: task.task_key || null,
    run_id: idText(task.run_id),
    status: statusWord(run),
    started_at: start === null ? null : isoformat(start),
    duration_seconds: durationSeconds(run, now),
    attempt_number: task.attempt_number ?? 0,
    experiment_name: experimentName(task) ?? experimentName(inner),
  };
}
