import type { AttemptRecord, RunRecord } from '../store/job-records.js';
import { newId } from '../store/settings.js';
import type { Experiments } from './experiments.js';

/** A new attempt of a run, with an MLflow run of its own in the workload's experiment. */
export function newAttempt(
  run: Omit<RunRecord, 'sequence'>,
  number: number,
  experiments: Experiments,
  userName: string,
): AttemptRecord {
  const now = Date.now();
  const training = run.request.tasks[0]?.ai_runtime_task;
  const folder = training?.mlflow_experiment_directory ?? `/Users/${userName}`;
  const experiment = training?.experiment ?? run.request.run_name;
  const experimentId = experiments.ensureExperiment(
    `${folder.replace(/^\/Workspace(?=\/)/, '')}/${experiment}`,
  );
  const taskRunId = newId();
  return {
    taskRunId,
    runId: run.runId,
    number,
    createdAt: now,
    startedAt: null,
    runningAt: null,
    endedAt: null,
    lifeCycle: 'PENDING',
    result: null,
    message: '',
    experimentId,
    mlflowRunId: experiments.createRun({
      experimentId,
      runName: training?.mlflow_run ?? experiment,
      userId: userName,
      startTime: now,
      tags: [
        { key: 'mlflow.databricks.jobRunID', value: run.runId },
        { key: 'mlflow.databricks.taskRunID', value: taskRunId },
        { key: 'attempt_number', value: String(number) },
      ],
    }),
    gpus: [],
  };
}
