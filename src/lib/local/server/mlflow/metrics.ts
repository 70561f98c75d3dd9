import type { Hono } from 'hono';
import { AirError } from '../../../errors.js';
import type { HistoryPosition } from '../../store/tracking-metrics.js';
import { allSteps } from '../../store/tracking-outline.js';
import type { Tracking } from '../../store/tracking.js';
import { endpoint } from './endpoint.js';
import { pageToken, positionOf } from './paging.js';
import { wireMetric } from './wire.js';

const root = '/api/2.0/mlflow/metrics';
/** Points of one answer, as on Databricks: clients page through longer histories. */
const mostPoints = 25_000;

/** Calls that read the histories of metrics. */
export function metricRoutes(app: Hono, { runs, metrics }: Tracking): void {
  endpoint(app, 'GET', `${root}/get-history`, (fields) => {
    const { run_key } = runs.row(fields.runId());
    const limit = fields.count('max_results', mostPoints, 1_000_000_000);
    const page = Math.min(limit, mostPoints);
    const points = metrics.history(
      run_key,
      fields.required('metric_key'),
      page + 1,
      afterOf(fields.text('page_token')),
    );
    const shown = points.slice(0, page);
    const last = shown.at(-1);
    const more = points.length > page && last;
    return {
      metrics: shown.map(wireMetric),
      ...(more && {
        next_page_token: pageToken([String(last.timestamp), String(last.step), String(last.value)]),
      }),
    };
  });
  endpoint(app, 'GET', `${root}/get-history-bulk-interval`, async (fields) => {
    const key = fields.required('metric_key');
    const limit = fields.count('max_results', 320, 2500);
    const limited = fields.has('start_step') || fields.has('end_step');
    const steps = limited
      ? { from: fields.integer('start_step', allSteps.from), to: fields.integer('end_step', allSteps.to) }
      : allSteps;
    const found = [];
    for (const runId of fields.texts('run_ids')) {
      const points = await metrics.outline(runs.row(runId).run_key, key, limit, steps);
      found.push(...points.map((point) => ({ ...wireMetric(point), run_id: runId })));
    }
    return { metrics: found };
  });
}

function afterOf(token: string): HistoryPosition | undefined {
  if (token === '') return undefined;
  const [timestamp, step, value] = Object.values(positionOf(token)).map(String);
  if (!/^-?\d+$/.test(timestamp ?? '') || !/^-?\d+$/.test(step ?? '') || value === undefined) {
    throw new AirError('INVALID_ARGS', `Invalid page token '${token.slice(0, 100)}'.`);
  }
  return { timestamp: BigInt(timestamp ?? 0), step: BigInt(step ?? 0), value: Number(value) };
}
