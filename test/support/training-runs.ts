import { summarize, type RunSummary } from '../../src/lib/runs/summary.js';
import { noTracking } from '../../src/lib/runs/tracking.js';
import type { Run, RunTask } from '../../src/lib/workspace/contract/index.js';
import { JsonInteger } from '../../src/lib/workspace/json.js';
import { apiError, scimMe, type Answer, type Scripts } from './scripted-workspace.js';

/** 2026-08-21T10:00:00Z. */
export const submittedAt = Date.UTC(2026, 7, 21, 10);

/** A task of the current form. */
export function trainingTask(overrides: Partial<RunTask> = {}): RunTask {
  return {
    run_id: 1001,
    task_key: 'resnet',
    attempt_number: 0,
    max_retries: 3,
    start_time: submittedAt + 5000,
    end_time: submittedAt + 68_000,
    state: { life_cycle_state: 'TERMINATED', result_state: 'SUCCESS' },
    environment_key: 'default',
    ai_runtime_task: {
      experiment: '/Users/alice@example.com/resnet',
      deployments: [
        {
          command_path: '/Workspace/Users/alice@example.com/.air/cli_launch/resnet/resnet_1/command.sh',
          compute: { accelerator_type: 'GPU_8xH100', accelerator_count: 16 },
        },
      ],
    },
    ...overrides,
  };
}

/** A finished run of the current form, as `runs/get` and `runs/list` answer it. */
export function trainingRun(overrides: Partial<Run> = {}): Run {
  return {
    run_id: 42,
    run_name: 'resnet',
    run_type: 'SUBMIT_RUN',
    creator_user_name: 'alice@example.com',
    start_time: submittedAt,
    end_time: submittedAt + 70_000,
    state: { life_cycle_state: 'TERMINATED', result_state: 'SUCCESS' },
    tasks: [trainingTask()],
    environments: [{ environment_key: 'default', spec: { environment_version: '6' } }],
    ...overrides,
  };
}

/** A run that trains: no result, no end. */
export function runningRun(overrides: Partial<Run> = {}): Run {
  const task = trainingTask({ state: { life_cycle_state: 'RUNNING' } });
  delete task.end_time;
  const run = trainingRun({ state: { life_cycle_state: 'RUNNING' }, tasks: [task], ...overrides });
  delete run.end_time;
  return run;
}

/** A for-each run with its iterations' counts. */
export function sweepRun(overrides: Partial<Run> = {}): Run {
  return trainingRun({
    tasks: [
      {
        run_id: 2001,
        task_key: 'sweep',
        for_each_task: {
          task: trainingTask(),
          stats: {
            task_run_stats: {
              total_iterations: 5,
              completed_iterations: 3,
              succeeded_iterations: 2,
              failed_iterations: 1,
              active_iterations: 2,
            },
          },
        },
      },
    ],
    ...overrides,
  });
}

/** What a list shows of finished runs: ids from 1000 up, names in narrow and wide characters by turns. */
export function summaries(count: number): RunSummary[] {
  return Array.from({ length: count }, (_, index) => {
    const experiment = index % 2 ? `日本語-${index}` : `resnet-${index}`;
    const task = trainingTask({ ai_runtime_task: { experiment } });
    return summarize(trainingRun({ run_id: 1000 + index, tasks: [task] }), {
      host: 'https://w',
      workspaceId: '5',
      now: submittedAt,
      tracking: noTracking,
    });
  });
}

export const unknownRun = (id: string): Answer =>
  apiError(400, 'INVALID_PARAMETER_VALUE', `Run ${id} does not exist.`);

/** A JSON answer that carries long ids as numbers, as Databricks does. */
export function withLongIds(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value), (key, each: unknown) =>
    /(^|_)(run|job|experiment)_id$/.test(key) && typeof each === 'string' && /^\d{16,}$/.test(each)
      ? new JsonInteger(each)
      : each,
  ) as unknown;
}

/** The routes of a workspace that holds these runs, each with its MLflow run and its configuration. */
export function workspaceOf(runs: readonly Run[], configuration = 'experiment_name: resnet\n'): Scripts {
  const byId = new Map(runs.map((run) => [String(run.run_id), run]));
  return {
    'GET /api/2.0/preview/scim/v2/Me': scimMe(),
    'GET /api/2.2/jobs/runs/get': ({ query }) => {
      const id = query.get('run_id') ?? '';
      const run = byId.get(id);
      return run ? { json: withLongIds(run) } : unknownRun(id);
    },
    'GET /api/2.2/jobs/runs/get-output': ({ query }) => ({
      json: {
        ai_runtime_task_output: {
          mlflow_experiment_id: '77',
          mlflow_run_id: `mlflow${query.get('run_id') ?? ''}`,
        },
      },
    }),
    'GET /api/2.0/mlflow/runs/get': ({ query }) => ({
      json: {
        run: { info: { run_id: query.get('run_id'), run_name: `name-of-${query.get('run_id') ?? ''}` } },
      },
    }),
    'GET /api/2.0/mlflow/metrics/get-history': { json: { metrics: [] } },
    'GET /api/2.0/workspace/export': { body: configuration },
  };
}
