import type { Run, RunOutput, RunStatus, RunTask } from '../../workspace/contract/index.js';
import type { AttemptRecord, Progress, RunRecord } from '../store/job-records.js';

export interface Surroundings {
  host: string;
  workspaceId: string;
  userName: string;
  /** Where a waiting run stands; asked only for one that waits. */
  queueMessage: (run: RunRecord) => string;
}

/** A run as `runs/get` and `runs/list` show it. */
export function describeRun(
  run: RunRecord,
  attempts: readonly AttemptRecord[],
  surroundings: Surroundings,
): Run & Record<string, unknown> {
  const message = run.lifeCycle === 'PENDING' ? surroundings.queueMessage(run) : run.message;
  const tasks = attempts.map((attempt) => describeTask(run, attempt, surroundings, message));
  return {
    job_id: Number(run.jobId),
    run_id: Number(run.runId),
    number_in_job: Number(run.runId),
    original_attempt_run_id: Number(run.runId),
    run_name: run.request.run_name,
    run_type: 'SUBMIT_RUN',
    trigger: 'ONE_TIME',
    format: 'MULTI_TASK',
    creator_user_name: surroundings.userName,
    run_page_url: pageOf(run.runId, surroundings),
    start_time: run.submittedAt,
    setup_duration: 0,
    execution_duration: 0,
    cleanup_duration: 0,
    end_time: run.endedAt ?? 0,
    run_duration: between(run.submittedAt, run.endedAt),
    state: stateOf(run, message),
    status: statusOf(run, message, run.terminationCode),
    tasks,
    environments: run.request.environments ?? [],
    ...(run.request.timeout_seconds === undefined ? {} : { timeout_seconds: run.request.timeout_seconds }),
  };
}

export function describeOutput(
  run: RunRecord,
  attempt: AttemptRecord,
  surroundings: Surroundings,
): RunOutput {
  const waiting = run.lifeCycle === 'PENDING' ? surroundings.queueMessage(run) : undefined;
  const failed = attempt.endedAt !== null && attempt.result !== 'SUCCESS' && attempt.message !== '';
  return {
    metadata: {
      ...describeTask(run, attempt, surroundings, waiting ?? attempt.message),
      job_id: Number(run.jobId),
      run_name: run.request.run_name,
      run_type: 'SUBMIT_RUN',
      creator_user_name: surroundings.userName,
    },
    ai_runtime_task_output: {
      mlflow_experiment_id: attempt.experimentId,
      mlflow_run_id: attempt.mlflowRunId,
      ...(waiting === undefined ? {} : { status_message: `STATUS:${waiting}` }),
    },
    ...(failed ? { error: attempt.message } : {}),
  };
}

function describeTask(
  run: RunRecord,
  attempt: AttemptRecord,
  surroundings: Surroundings,
  runMessage: string,
): RunTask {
  const task = run.request.tasks[0];
  const message = attempt.lifeCycle === 'PENDING' ? runMessage : attempt.message;
  const { startedAt, runningAt, endedAt } = attempt;
  return {
    run_id: Number(attempt.taskRunId),
    task_key: task?.task_key ?? run.request.run_name,
    attempt_number: attempt.number,
    max_retries: task?.max_retries ?? 0,
    ...(task?.retry_on_timeout ? { retry_on_timeout: true } : {}),
    start_time: startedAt ?? 0,
    end_time: endedAt ?? 0,
    setup_duration: between(startedAt, runningAt),
    execution_duration: between(runningAt, endedAt),
    run_duration: between(startedAt, endedAt),
    queue_duration: between(attempt.createdAt, startedAt),
    run_page_url: pageOf(run.runId, surroundings),
    state: stateOf(attempt, message),
    status: statusOf(attempt, message, attempt.endedAt === null ? null : run.terminationCode),
    ...(task?.environment_key === undefined ? {} : { environment_key: task.environment_key }),
    ...(task ? { ai_runtime_task: task.ai_runtime_task } : {}),
  };
}

/** Milliseconds between two moments; 0 while one is to come, and when the clock was set back between them. */
function between(from: number | null, to: number | null): number {
  return from === null || to === null ? 0 : Math.max(0, to - from);
}

function stateOf(progress: Progress, message: string): NonNullable<Run['state']> {
  return {
    life_cycle_state: progress.lifeCycle,
    ...(progress.result === null ? {} : { result_state: progress.result }),
    state_message: message,
  };
}

/** The newer form of a state, which knows fewer life cycles and names the cause of the end. */
function statusOf(progress: Progress, message: string, code: string | null): RunStatus {
  if (progress.endedAt === null) {
    return progress.lifeCycle === 'PENDING'
      ? { state: 'QUEUED', queue_details: { code: 'ACTIVE_RUNS_LIMIT_REACHED', message } }
      : { state: progress.lifeCycle };
  }
  const fine = progress.result === 'SUCCESS';
  const ours = progress.lifeCycle === 'INTERNAL_ERROR';
  return {
    state: 'TERMINATED',
    termination_details: {
      code: fine ? 'SUCCESS' : (code ?? 'RUN_EXECUTION_ERROR'),
      type: fine ? 'SUCCESS' : ours ? 'INTERNAL_ERROR' : 'CLIENT_ERROR',
      message,
    },
  };
}

function pageOf(runId: string, { host, workspaceId }: Surroundings): string {
  return `${host}/jobs/runs/${runId}?o=${workspaceId}`;
}
