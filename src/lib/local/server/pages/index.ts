import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { Hono, type Context } from 'hono';
import { AirError } from '../../../errors.js';
import { readTail, type LogTail } from '../../engine/log-tail.js';
import { nodesOf } from '../../engine/run-logs.js';
import type { AttemptRecord, RunRecord } from '../../store/job-records.js';
import type { TrackingRun } from '../../store/tracking-runs.js';
import { surroundingsOf } from '../jobs-routes.js';
import { contentResponse, pathBelow } from '../mlflow/artifacts.js';
import type { RunArtifacts } from '../mlflow/run-artifacts.js';
import { wireFloat, wireInteger } from '../mlflow/wire.js';
import type { LocalWorkspace } from '../workspace-state.js';
import { artifactPage, extensionOf, pictureTypes } from './artifact-page.js';
import { asset } from './assets.js';
import { assetsPath, pageHeaders, problemPage } from './document.js';
import { experimentPage } from './experiment-page.js';
import { homePage } from './home-page.js';
import { jobRunPage, jobRunState } from './job-run-page.js';
import { trackingRunPage } from './tracking-run-page.js';

/** Lines of a log that a page holds. */
const shownLines = 5000;
/** Points of a plot: more than a screen has columns. */
const plottedPoints = 2000;
/** Milliseconds that a question for new lines is held, and between two looks. */
const held = 10_000;
const look = 100;

/** The pages of the workspace and what their scripts ask. */
export function pageRoutes(workspace: LocalWorkspace, artifacts: RunArtifacts): Hono {
  const { jobs, engine, tracking } = workspace;
  const app = new Hono();
  app.onError((error) => {
    if (!(error instanceof AirError)) throw error;
    const absent = error.code === 'NOT_FOUND';
    return problemPage(absent ? 'Not found' : 'Not possible', error.message, absent ? 404 : 400);
  });

  app.get('/', () => homePage(workspace));
  app.get('/jobs/runs/:run', (context) => {
    const run = jobRun(context);
    return jobRunPage(workspace, run, {
      attempt: context.req.query('attempt'),
      node: context.req.query('node'),
    });
  });
  app.get('/ml/experiments/:experiment', (context) =>
    experimentPage(tracking, context.req.param('experiment'), context.req.query('filter') ?? ''),
  );
  app.get('/ml/experiments/:experiment/runs/:run', (context) =>
    trackingRunPage(workspace, trackingRun(context)),
  );
  app.get('/ml/experiments/:experiment/runs/:run/*', (context) => {
    const run = trackingRun(context);
    const [section, ...parts] = pathBelow(context, context.req.path.split('/').slice(0, 6).join('/')).split(
      '/',
    );
    if (section !== 'artifacts') return trackingRunPage(workspace, run);
    return artifactPage(workspace, artifacts, run, currentPlace(run, parts.join('/')));
  });

  app.get(`${assetsPath}/:file`, async (context) => {
    const found = await asset(context.req.param('file'));
    return found ?? problemPage('Not found', 'The pages have no such file.', 404);
  });
  app.get('/pages/runs/:run/state', (context) => {
    const run = jobRun(context);
    const message = run.lifeCycle === 'PENDING' ? surroundingsOf(workspace).queueMessage(run) : undefined;
    const state = jobRunState(run, jobs.attempts(run.runId), message);
    return data(context, {
      html: state.text,
      ended: run.endedAt !== null,
      attempts: jobs.attempts(run.runId).length,
    });
  });
  app.post('/pages/runs/:run/cancel', (context) => {
    const run = jobRun(context);
    engine.cancel(run.runId);
    return context.redirect(`/jobs/runs/${run.runId}`, 303);
  });
  app.get('/pages/runs/:run/log', async (context) => {
    const run = jobRun(context);
    const attempt = jobs.attempt(run.runId, Number(context.req.query('attempt')));
    const node = nodesOf(run).find((index) => String(index) === context.req.query('node'));
    if (!attempt || node === undefined)
      throw new AirError('NOT_FOUND', 'The run has no such attempt or node.');
    const position = context.req.query('position');
    const tail = await heldTail(
      attempt,
      node,
      position === undefined ? undefined : Number(position),
      context,
    );
    return data(context, { ...tail, ended: hasEnded(attempt) && tail.lines.length === 0 });
  });

  app.get('/pages/tracking/:run/metrics', (context) => {
    const run = tracking.runs.get(context.req.param('run'));
    return data(context, {
      live: run.status === 'RUNNING',
      startTime: run.startTime,
      metrics: run.metrics.map(({ key, value, timestamp, step }) => ({
        key,
        value: wireFloat(value),
        mark: `${timestamp} ${step}`,
      })),
    });
  });
  app.get('/pages/tracking/:run/metric', async (context) => {
    const { run_key } = tracking.runs.row(context.req.param('run'));
    const points = await tracking.metrics.outline(run_key, context.req.query('key') ?? '', plottedPoints);
    return data(context, {
      steps: points.map(({ step }) => wireInteger(step)),
      times: points.map(({ timestamp }) => wireInteger(timestamp)),
      values: points.map(({ value }) => (Number.isFinite(value) ? value : null)),
    });
  });
  app.get('/pages/tracking/:run/file/*', async (context) => {
    const run = tracking.runs.get(context.req.param('run'));
    const path = pathBelow(context, `/pages/tracking/${run.runId}/file`);
    const content = await artifacts.open(`${run.experimentId}/${run.runId}/artifacts/${path}`);
    if (!content) throw new AirError('NOT_FOUND', `The run has no artifact '${path}'.`);
    const picture = pictureTypes[extensionOf(path)];
    return contentResponse(content, {
      'Content-Type': picture ?? 'application/octet-stream',
      'Content-Disposition': picture === undefined ? 'attachment' : 'inline',
    });
  });
  return app;

  function jobRun(context: Context): RunRecord {
    const id = context.req.param('run') ?? '';
    const run = /^\d{1,18}$/.test(id) ? jobs.run(id) : undefined;
    if (!run) throw new AirError('NOT_FOUND', `The local workspace has no run ${id}.`);
    return run;
  }

  function trackingRun(context: Context): TrackingRun {
    const run = tracking.runs.get(context.req.param('run') ?? '');
    if (run.experimentId !== context.req.param('experiment')) {
      throw new AirError('NOT_FOUND', `Run '${run.runId}' belongs to another experiment.`);
    }
    return run;
  }

  /** Links of the older layout name `logs/node_<n>`: here they lead to the attempt's folder. */
  function currentPlace(run: TrackingRun, path: string): string {
    const attempt = jobs.attemptOfMlflowRun(run.runId);
    return attempt ? path.replace(/^logs\/node_/, `logs/attempt_${attempt.number}/node_`) : path;
  }

  function hasEnded(attempt: AttemptRecord): boolean {
    return jobs.attempt(attempt.runId, attempt.number)?.endedAt !== null;
  }

  /** The log's tail; while the attempt goes on, an empty answer waits for a line. */
  async function heldTail(
    attempt: AttemptRecord,
    node: number,
    position: number | undefined,
    context: Context,
  ): Promise<LogTail> {
    const file = engine.folderOf(attempt).log(node);
    const until = performance.now() + held;
    for (;;) {
      const over = hasEnded(attempt);
      const tail = readTail(file, shownLines, position);
      const done = over || position === undefined || tail.lines.length > 0;
      if (done || performance.now() > until || context.req.raw.signal.aborted) return tail;
      await delay(look);
    }
  }
}

function data(context: Context, body: object): Response {
  return context.json(body, 200, pageHeaders);
}
