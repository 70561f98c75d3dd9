import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { Hono } from 'hono';
import { checkAcceleratorCount, checkAcceleratorType } from '../../compute/validation.js';
import type { ValidationRequest, ValidationResponse } from '../../workspace/contract/index.js';
import { invalid, unknownRun } from '../engine/errors.js';
import { missingSecrets, type SecretReference } from '../engine/missing-secrets.js';
import { nodesOf } from '../engine/run-logs.js';
import { logMark, readLogPage, type LogPageQuery } from '../engine/log-pages.js';
import type { AttemptRecord } from '../store/job-records.js';
import type { SecretStore } from '../store/secrets.js';
import { bodyOf, flagOf, idOf, numberOf } from './parameters.js';
import type { LocalWorkspace } from './workspace-state.js';

const indexPage = 100;
const defaultPageSize = 1000;
const highestPageSize = 10_000;
/** Milliseconds for which an empty answer waits for a line, and between two looks. */
const holdMilliseconds = 1000;
const lookMilliseconds = 20;

/** The AI training service: preflight, the index of runs, live logs. */
export function trainingRoutes(workspace: LocalWorkspace): Hono {
  const { jobs, engine, secrets } = workspace;
  const routes = new Hono();

  routes.post('/:action{config:validate}', async (context) =>
    context.json(validate((await bodyOf(context)) as unknown as ValidationRequest, secrets)),
  );

  routes.get('/workflows', (context) => {
    const before = context.req.query('page_token');
    if (before !== undefined && !/^\d+$/.test(before))
      throw invalid('page_token is not one of this workspace.');
    const runs = jobs.runs({
      limit: indexPage + 1,
      activeOnly: flagOf(context, 'active_only'),
      completedOnly: false,
      ...(before === undefined ? {} : { before: Number(before) }),
    });
    const page = runs.slice(0, indexPage);
    const last = page.at(-1);
    return context.json({
      training_workflows: page.map((run) => ({
        job_run_id: Number(run.runId),
        submit_time: new Date(run.submittedAt).toISOString(),
      })),
      ...(runs.length > indexPage && last ? { next_page_token: String(last.sequence) } : {}),
    });
  });

  routes.get('/workflows/by-run-id/:run/logs', async (context) => {
    const runId = idOf(context.req.param('run'), 'run_id');
    const run = jobs.run(runId);
    if (!run) throw unknownRun(runId);
    const number = numberOf(context, 'ref.attempt_number');
    const attempt = number === undefined ? jobs.latestAttempt(runId) : jobs.attempt(runId, number);
    if (!attempt) throw invalid(`Run ${runId} has no attempt ${number ?? 0}.`);
    const node = numberOf(context, 'filter.node_index');
    const nodes = nodesOf(run).filter((index) => node === undefined || index === node);
    const from = numberOf(context, 'from');
    const to = numberOf(context, 'to');
    const pageToken = context.req.query('page_token');
    const query: LogPageQuery = {
      ascending: context.req.query('ascending') !== 'false',
      pageSize: Math.min(Math.max(1, numberOf(context, 'page_size') ?? defaultPageSize), highestPageSize),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
      ...(pageToken ? { pageToken } : {}),
    };
    return context.json(await heldPage(attempt, nodes, query, context.req.raw.signal));
  });

  return routes;

  /** A page; an empty one of an attempt that goes on waits a moment for a line. */
  async function heldPage(
    attempt: AttemptRecord,
    nodes: readonly number[],
    query: LogPageQuery,
    signal: AbortSignal,
  ) {
    const folder = engine.folderOf(attempt);
    const goesOn = () => jobs.attempt(attempt.runId, attempt.number)?.endedAt === null;
    const until = performance.now() + holdMilliseconds;
    for (;;) {
      const active = goesOn();
      const mark = logMark(folder, nodes);
      const page = readLogPage(folder, attempt.number, nodes, active, query);
      if ((page.log_records?.length ?? 0) > 0 || !active || nodes.length === 0) return page;
      while (logMark(folder, nodes) === mark && goesOn()) {
        if (signal.aborted || performance.now() >= until) return page;
        await delay(lookMilliseconds);
      }
    }
  }
}

/** The platform's own checks of a configuration, as far as they are known, and what this workspace lacks for it. */
function validate(request: ValidationRequest, secrets: SecretStore): ValidationResponse {
  const errors: NonNullable<ValidationResponse['errors']> = [];
  const experiment = request.task?.experiment ?? '';
  if (!/^[A-Za-z0-9_-]{1,100}$/.test(experiment)) {
    errors.push({
      path: 'experiment',
      code: 'DISALLOWED_CHARACTERS',
      message: `experiment ${JSON.stringify(experiment)} must be 1 to 100 letters, digits, "-" or "_".`,
    });
  }
  const compute = request.task?.deployments?.[0]?.compute;
  const type = checkAcceleratorType(compute?.accelerator_type ?? '');
  if (type) {
    errors.push({
      path: 'deployments[0].compute.accelerator_type',
      code: 'UNKNOWN_ACCELERATOR_TYPE',
      message: type.message,
    });
  }
  const count = checkAcceleratorCount(compute?.accelerator_count ?? 0, compute?.accelerator_type);
  if (count) {
    errors.push({
      path: 'deployments[0].compute.accelerator_count',
      code: 'COUNT_NOT_MULTIPLE',
      message: count.message,
    });
  }
  for (const field of ['docker_image_url', 'unity_catalog_image_path'] as const) {
    const image = request.task?.[field];
    if (!image) continue;
    errors.push({
      path: field,
      code: 'FEATURE_DISABLED',
      message: `The local workspace runs commands on this machine itself, so it cannot use the image ${image}. Leave it out to run here.`,
    });
  }
  for (const field of ['env_variables', 'secrets'] as const) {
    for (const name of Object.keys(request.run_options?.[field] ?? {})) {
      if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) continue;
      errors.push({
        path: `${field}[${name}]`,
        code: 'INVALID_NAME',
        message: `${JSON.stringify(name)} is not the name of an environment variable.`,
      });
    }
  }
  for (const { name, message, hint } of missingSecrets(secretReferences(request), secrets)) {
    errors.push({ path: `secrets[${name}]`, code: 'RESOURCE_DOES_NOT_EXIST', message, hint });
  }
  return errors.length === 0 ? {} : { errors };
}

/** The secrets of a configuration, which names each as `scope/key`. */
function secretReferences({ run_options: options }: ValidationRequest): SecretReference[] {
  return Object.entries(options?.secrets ?? {}).map(([name, reference]) => {
    const [scope = '', key = ''] = reference.split('/');
    return { name, secret_scope: scope, secret_key: key };
  });
}
