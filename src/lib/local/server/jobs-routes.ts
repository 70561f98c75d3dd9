import { Hono, type Context } from 'hono';
import { describeOutput, describeRun, type Surroundings } from '../engine/describe.js';
import { invalid, unknownRun } from '../engine/errors.js';
import type { RunRecord, SubmittedRun } from '../store/job-records.js';
import type { RunsQuery } from '../store/jobs.js';
import { bodyOf, flagOf, idOf, numberOf, requiredText } from './parameters.js';
import type { LocalWorkspace } from './workspace-state.js';

const defaultLimit = 20;
const highestLimit = 25;
/** Longer arrays of a run come in pages. */
const arrayPage = 100;

export function surroundingsOf(workspace: LocalWorkspace): Surroundings {
  return {
    host: workspace.host(),
    workspaceId: workspace.workspaceId,
    userName: workspace.userName,
    queueMessage: (run) => {
      const { place, kind, gpus } = workspace.engine.queue.placeOf(run);
      const wanted =
        kind === 'gpu'
          ? `${gpus} GPU${gpus === 1 ? '' : 's'} of this machine`
          : 'a free place on this machine';
      return place === 0 ? 'Starting.' : `Waiting for ${wanted}: place ${place} in the queue.`;
    },
  };
}

/** The Jobs API, version 2.2 (and what the older versions share with it). */
export function jobsRoutes(workspace: LocalWorkspace): Hono {
  const { engine, jobs } = workspace;
  const routes = new Hono();
  const surroundings = () => surroundingsOf(workspace);

  routes.post('/runs/submit', async (context) => {
    const body = await bodyOf(context);
    const token = body['idempotency_token'];
    if (token !== undefined && typeof token !== 'string')
      throw invalid('idempotency_token must be a string.');
    const runId = await engine.submit(submittedOf(body), token === '' ? undefined : token);
    return context.json({ run_id: Number(runId) });
  });

  routes.get('/runs/get', (context) => {
    const run = knownRun(idOf(context.req.query('run_id'), 'run_id'));
    const attempts = jobs.attempts(run.runId);
    const from = pageStart(context.req.query('page_token'));
    const more = attempts.length > from + arrayPage;
    return context.json({
      ...describeRun(run, attempts.slice(from, from + arrayPage), surroundings()),
      ...(more ? { next_page_token: String(from + arrayPage) } : {}),
    });
  });

  routes.get('/runs/list', (context) => {
    const expand = flagOf(context, 'expand_tasks');
    const runType = context.req.query('run_type');
    const { query, direction } = listQueryOf(context);
    const others = runType !== undefined && runType !== 'SUBMIT_RUN';
    const found = others ? [] : jobs.runs({ ...query, limit: query.limit + 1 });
    const further = found.length > query.limit;
    const runs = !further
      ? found
      : direction === 'newer'
        ? found.slice(found.length - query.limit)
        : found.slice(0, query.limit);
    const hasMore = direction === 'newer' ? runs.length > 0 : further;
    const [first, last] = [runs[0], runs.at(-1)];
    const previous = direction === 'newer' ? further : query.before !== undefined;
    return context.json({
      runs: runs.map((run) => {
        const attempts = expand ? jobs.attempts(run.runId) : [];
        const { tasks, ...rest } = describeRun(run, attempts.slice(0, arrayPage), surroundings());
        return expand ? { ...rest, tasks, ...(attempts.length > arrayPage ? { has_more: true } : {}) } : rest;
      }),
      has_more: hasMore,
      ...(hasMore && last ? { next_page_token: `o${last.sequence}` } : {}),
      ...(previous && first ? { prev_page_token: `n${first.sequence}` } : {}),
    });
  });

  routes.get('/runs/get-output', (context) => {
    const id = idOf(context.req.query('run_id'), 'run_id');
    const attempt = jobs.attemptOfTask(id);
    const run = attempt && jobs.run(attempt.runId);
    if (attempt && run) return context.json(describeOutput(run, attempt, surroundings()));
    if (jobs.run(id))
      throw invalid(
        'Retrieving the output of runs with multiple tasks is not supported; ask for a task run.',
      );
    throw unknownRun(id);
  });

  routes.post('/runs/cancel', async (context) => {
    engine.cancel(idOf((await bodyOf(context))['run_id'], 'run_id'));
    return context.json({});
  });

  routes.post('/runs/cancel-all', async (context) => {
    const body = await bodyOf(context);
    const jobId = body['job_id'] === undefined ? undefined : idOf(body['job_id'], 'job_id');
    if (jobId === undefined && body['all_queued_runs'] !== true) {
      throw invalid('Either job_id or all_queued_runs is required.');
    }
    for (const run of jobs.activeRuns()) {
      if (jobId === undefined ? run.lifeCycle === 'PENDING' : run.jobId === jobId) engine.cancel(run.runId);
    }
    return context.json({});
  });

  routes.post('/runs/delete', async (context) => {
    engine.delete(idOf((await bodyOf(context))['run_id'], 'run_id'));
    return context.json({});
  });

  return routes;

  function knownRun(runId: string): RunRecord {
    const run = jobs.run(runId);
    if (!run) throw unknownRun(runId);
    return run;
  }
}

/** Which runs a request of `runs/list` asks for, and to which side of the page it had. */
function listQueryOf(context: Context): { query: RunsQuery; direction: 'older' | 'newer' } {
  const activeOnly = flagOf(context, 'active_only');
  const completedOnly = flagOf(context, 'completed_only');
  if (activeOnly && completedOnly) throw invalid('active_only and completed_only exclude each other.');
  const limit = numberOf(context, 'limit') ?? defaultLimit;
  if (!Number.isInteger(limit) || limit < 0 || limit > highestLimit) {
    throw invalid(`limit must be between 1 and ${highestLimit}, not ${limit}.`);
  }
  const token = context.req.query('page_token') ?? '';
  const [, side, sequence] = /^([on])(\d+)$/.exec(token) ?? [];
  if (token !== '' && sequence === undefined) throw invalid('page_token is not one of this workspace.');
  const startTimeFrom = numberOf(context, 'start_time_from');
  const startTimeTo = numberOf(context, 'start_time_to');
  return {
    direction: side === 'n' ? 'newer' : 'older',
    query: {
      limit: limit === 0 ? highestLimit : limit,
      activeOnly,
      completedOnly,
      ...(startTimeFrom === undefined ? {} : { startTimeFrom }),
      ...(startTimeTo === undefined ? {} : { startTimeTo }),
      ...(side === 'o' ? { before: Number(sequence) } : {}),
      ...(side === 'n' ? { after: Number(sequence) } : {}),
    },
  };
}

function pageStart(token: string | undefined): number {
  if (token === undefined || token === '') return 0;
  if (!/^\d{1,9}$/.test(token)) throw invalid('page_token is not one of this workspace.');
  return Number(token);
}

/** The body of a submission, checked as far as the workspace relies on it. */
function submittedOf(body: Record<string, unknown>): SubmittedRun {
  const request = body as unknown as SubmittedRun;
  if (!Array.isArray(request.tasks) || request.tasks.length === 0) throw invalid('tasks must name one task.');
  requiredText(request.tasks[0]?.task_key, 'tasks[0].task_key');
  const { timeout_seconds: timeout } = request;
  if (timeout !== undefined && (!Number.isInteger(timeout) || timeout < 0)) {
    throw invalid(`timeout_seconds must be a whole number of seconds, not ${String(timeout)}.`);
  }
  const retries = request.tasks[0]?.max_retries;
  if (retries !== undefined && (!Number.isInteger(retries) || retries < -1)) {
    throw invalid(`max_retries must be a whole number, not ${String(retries)}.`);
  }
  const { idempotency_token: _, ...kept } = body;
  return { ...(kept as unknown as SubmittedRun), run_name: request.run_name ?? 'Untitled' };
}
