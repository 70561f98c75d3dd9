import type { Database, SqlValue } from './database.js';
import { attemptOf, runOf, type AttemptRecord, type Progress, type RunRecord } from './job-records.js';

export interface RunsQuery {
  limit: number;
  activeOnly: boolean;
  completedOnly: boolean;
  startTimeFrom?: number;
  startTimeTo?: number;
  /** Only runs submitted before, or after, the one of this sequence. */
  before?: number;
  after?: number;
}

/** Runs and attempts in the database. */
export class JobStore {
  constructor(private readonly database: Database) {}

  insertRun(run: Omit<RunRecord, 'sequence'>, token: string | undefined): void {
    this.database.run(
      `INSERT INTO job_runs (run_id, job_id, idempotency_token, request, submitted_at, life_cycle)
       VALUES (?, ?, ?, ?, ?, ?)`,
      BigInt(run.runId),
      BigInt(run.jobId),
      token ?? null,
      JSON.stringify(run.request),
      run.submittedAt,
      run.lifeCycle,
    );
  }

  insertAttempt(attempt: AttemptRecord): void {
    this.database.run(
      `INSERT INTO job_attempts
         (task_run_id, run_id, number, created_at, started_at, life_cycle, mlflow_experiment_id, mlflow_run_id, gpus)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      BigInt(attempt.taskRunId),
      BigInt(attempt.runId),
      attempt.number,
      attempt.createdAt,
      attempt.startedAt,
      attempt.lifeCycle,
      attempt.experimentId,
      attempt.mlflowRunId,
      JSON.stringify(attempt.gpus),
    );
  }

  run(runId: string): RunRecord | undefined {
    const row = this.database.get('SELECT * FROM job_runs WHERE run_id = ? AND deleted = 0', BigInt(runId));
    return row && runOf(row);
  }

  runOfToken(token: string): RunRecord | undefined {
    const row = this.database.get('SELECT * FROM job_runs WHERE idempotency_token = ?', token);
    return row && runOf(row);
  }

  /** Runs that have not ended, in the order of submission. */
  activeRuns(): RunRecord[] {
    return this.database.all('SELECT * FROM job_runs WHERE ended_at IS NULL ORDER BY sequence').map(runOf);
  }

  countsByState(): { lifeCycle: string; result: string | null; count: number }[] {
    return this.database
      .all<{ life_cycle: string; result: string | null; count: bigint }>(
        'SELECT life_cycle, result, count(*) AS count FROM job_runs WHERE deleted = 0 GROUP BY life_cycle, result',
      )
      .map((row) => ({ lifeCycle: row.life_cycle, result: row.result, count: Number(row.count) }));
  }

  /** Newest first; with `after`, the runs just after it. */
  runs(query: RunsQuery): RunRecord[] {
    const conditions = ['deleted = 0'];
    const values: SqlValue[] = [];
    const where = (condition: string, value?: SqlValue) => {
      conditions.push(condition);
      if (value !== undefined) values.push(value);
    };
    if (query.activeOnly) where('ended_at IS NULL');
    if (query.completedOnly) where('ended_at IS NOT NULL');
    if (query.startTimeFrom !== undefined) where('submitted_at >= ?', query.startTimeFrom);
    if (query.startTimeTo !== undefined) where('submitted_at <= ?', query.startTimeTo);
    if (query.before !== undefined) where('sequence < ?', query.before);
    if (query.after !== undefined) where('sequence > ?', query.after);
    const order = query.after === undefined ? 'DESC' : 'ASC';
    const rows = this.database.all(
      `SELECT * FROM job_runs WHERE ${conditions.join(' AND ')} ORDER BY sequence ${order} LIMIT ?`,
      ...values,
      query.limit,
    );
    const runs = rows.map(runOf);
    return query.after === undefined ? runs : runs.reverse();
  }

  attempts(runId: string): AttemptRecord[] {
    return this.database
      .all('SELECT * FROM job_attempts WHERE run_id = ? ORDER BY number', BigInt(runId))
      .map(attemptOf);
  }

  attempt(runId: string, number: number): AttemptRecord | undefined {
    const row = this.database.get(
      'SELECT * FROM job_attempts WHERE run_id = ? AND number = ?',
      BigInt(runId),
      number,
    );
    return row && attemptOf(row);
  }

  latestAttempt(runId: string): AttemptRecord {
    const row = this.database.get(
      'SELECT * FROM job_attempts WHERE run_id = ? ORDER BY number DESC LIMIT 1',
      BigInt(runId),
    );
    if (!row) throw new Error(`Run ${runId} has no attempt.`);
    return attemptOf(row);
  }

  attemptOfTask(taskRunId: string): AttemptRecord | undefined {
    const row = this.database.get('SELECT * FROM job_attempts WHERE task_run_id = ?', BigInt(taskRunId));
    return row && attemptOf(row);
  }

  attemptOfMlflowRun(mlflowRunId: string): AttemptRecord | undefined {
    const row = this.database.get('SELECT * FROM job_attempts WHERE mlflow_run_id = ?', mlflowRunId);
    return row && attemptOf(row);
  }

  updateRun(runId: string, state: Progress & { terminationCode?: string }): void {
    this.database.run(
      `UPDATE job_runs SET life_cycle = ?, result = ?, message = ?, ended_at = ?, termination_code = ?
       WHERE run_id = ?`,
      state.lifeCycle,
      state.result,
      state.message,
      state.endedAt,
      state.terminationCode ?? null,
      BigInt(runId),
    );
  }

  updateAttempt(attempt: AttemptRecord): void {
    this.database.run(
      `UPDATE job_attempts SET life_cycle = ?, result = ?, message = ?, started_at = ?, running_at = ?,
         ended_at = ?, gpus = ? WHERE task_run_id = ?`,
      attempt.lifeCycle,
      attempt.result,
      attempt.message,
      attempt.startedAt,
      attempt.runningAt,
      attempt.endedAt,
      JSON.stringify(attempt.gpus),
      BigInt(attempt.taskRunId),
    );
  }

  requestCancel(runId: string): void {
    this.database.run('UPDATE job_runs SET cancel_requested = 1 WHERE run_id = ?', BigInt(runId));
  }

  /** Hides a run. Its idempotency token stays taken. */
  deleteRun(runId: string): void {
    this.database.run('UPDATE job_runs SET deleted = 1 WHERE run_id = ?', BigInt(runId));
  }
}
