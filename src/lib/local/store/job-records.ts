import type {
  AccessControl,
  AiRuntimeTask,
  Environment,
  LifeCycleState,
  ResultState,
} from '../../workspace/contract/index.js';
import type { SqlRow, SqlValue } from './database.js';

/** What of a `runs/submit` body is kept. */
export interface SubmittedRun {
  run_name: string;
  timeout_seconds?: number;
  environments?: Environment[];
  tasks: SubmittedTask[];
  access_control_list?: AccessControl[];
}

export interface SubmittedTask {
  task_key: string;
  environment_key?: string;
  max_retries?: number;
  retry_on_timeout?: boolean;
  ai_runtime_task: AiRuntimeTask;
}

/** The state of a run or of an attempt. Times are milliseconds since the epoch. */
export interface Progress {
  lifeCycle: LifeCycleState;
  result: ResultState | null;
  message: string;
  endedAt: number | null;
}

export interface RunRecord extends Progress {
  /** Place in the order of submission. */
  sequence: number;
  runId: string;
  jobId: string;
  request: SubmittedRun;
  submittedAt: number;
  terminationCode: string | null;
  cancelRequested: boolean;
}

export interface AttemptRecord extends Progress {
  taskRunId: string;
  runId: string;
  number: number;
  createdAt: number;
  /** When it got its place on the machine. */
  startedAt: number | null;
  /** When its setup was over and its nodes started. */
  runningAt: number | null;
  experimentId: string;
  mlflowRunId: string;
  /** Indexes of the GPUs it owns; empty on the CPU. */
  gpus: number[];
}

/** A run as its row in `job_runs` has it. */
export function runOf(row: SqlRow): RunRecord {
  return {
    sequence: Number(row['sequence']),
    runId: String(row['run_id']),
    jobId: String(row['job_id']),
    request: JSON.parse(String(row['request'])) as SubmittedRun,
    submittedAt: Number(row['submitted_at']),
    terminationCode: row['termination_code'] as string | null,
    cancelRequested: Number(row['cancel_requested']) === 1,
    ...progressOf(row),
  };
}

/** An attempt as its row in `job_attempts` has it. */
export function attemptOf(row: SqlRow): AttemptRecord {
  return {
    taskRunId: String(row['task_run_id']),
    runId: String(row['run_id']),
    number: Number(row['number']),
    createdAt: Number(row['created_at']),
    startedAt: numberOrNull(row['started_at']),
    runningAt: numberOrNull(row['running_at']),
    experimentId: String(row['mlflow_experiment_id']),
    mlflowRunId: String(row['mlflow_run_id']),
    gpus: JSON.parse(String(row['gpus'])) as number[],
    ...progressOf(row),
  };
}

function progressOf(row: SqlRow): Progress {
  return {
    lifeCycle: row['life_cycle'] as LifeCycleState,
    result: row['result'] as ResultState | null,
    message: String(row['message']),
    endedAt: numberOrNull(row['ended_at']),
  };
}

function numberOrNull(value: SqlValue | undefined): number | null {
  return value === null || value === undefined ? null : Number(value);
}
