import type { Hono } from 'hono';
import { AirError } from '../../../errors.js';
import type { Tag } from '../../store/tracking-experiments.js';
import type { MetricPoint } from '../../store/tracking-values.js';
import { runNameTag, trackingStatuses, type Param, type TrackingStatus } from '../../store/tracking-runs.js';
import type { Tracking } from '../../store/tracking.js';
import { endpoint } from './endpoint.js';
import { stageOf } from './experiments.js';
import type { Fields } from './fields.js';
import { checkCount, checkKey, checkLength, limits } from './limits.js';
import { offsetOf, pageOf } from './paging.js';
import { randomRunName } from './run-names.js';
import { wireRun, wireRunInfo } from './wire.js';

const root = '/api/2.0/mlflow/runs';

/** Calls on runs as a whole. */
export function runRoutes(app: Hono, { runs }: Tracking): void {
  endpoint(app, 'POST', `${root}/create`, (fields) => {
    const tags = fields.objects('tags').map(tagOf);
    const named = tags.find((tag) => tag.key === runNameTag)?.value;
    const runId = runs.create({
      experimentId: fields.text('experiment_id') || '0',
      runName: fields.text('run_name') || named || randomRunName(),
      userId: fields.text('user_id'),
      startTime: Number(fields.integer('start_time', BigInt(Date.now()))),
      tags,
    });
    return { run: wireRun(runs.get(runId)) };
  });
  endpoint(app, 'GET', `${root}/get`, (fields) => ({ run: wireRun(runs.get(fields.runId())) }));
  endpoint(app, 'POST', `${root}/update`, (fields) => {
    const runId = fields.runId();
    runs.update(runId, {
      ...(fields.has('status') && { status: statusOf(fields.text('status')) }),
      ...(fields.has('end_time') && { endTime: Number(fields.integer('end_time', 0n)) }),
      ...(fields.text('run_name') && { runName: fields.text('run_name') }),
    });
    return { run_info: wireRunInfo(runs.get(runId)) };
  });
  endpoint(app, 'POST', `${root}/delete`, (fields) => {
    runs.setStage(fields.runId(), 'deleted');
    return {};
  });
  endpoint(app, 'POST', `${root}/restore`, (fields) => {
    runs.setStage(fields.runId(), 'active');
    return {};
  });
  endpoint(app, 'POST', `${root}/search`, (fields) => {
    const limit = fields.count('max_results', 1000, 50_000);
    const offset = offsetOf(fields.text('page_token'));
    const found = runs.search(fields.texts('experiment_ids'), {
      filter: fields.text('filter'),
      orderBy: fields.texts('order_by'),
      stage: stageOf(fields.text('run_view_type')),
      limit: limit + 1,
      offset,
    });
    const { rows, ...rest } = pageOf(found, limit, offset);
    return { runs: rows.map(wireRun), ...rest };
  });
}

/** Calls that add to a run: parameters, metrics, tags, data sets. */
export function loggingRoutes(app: Hono, tracking: Tracking): void {
  endpoint(app, 'POST', `${root}/log-metric`, async (fields) => {
    await tracking.logBatch(fields.runId(), { metrics: [metricOf(fields)] });
    return {};
  });
  endpoint(app, 'POST', `${root}/log-parameter`, async (fields) => {
    await tracking.logBatch(fields.runId(), { params: [paramOf(fields)] });
    return {};
  });
  endpoint(app, 'POST', `${root}/set-tag`, async (fields) => {
    await tracking.logBatch(fields.runId(), { tags: [tagOf(fields)] });
    return {};
  });
  endpoint(app, 'POST', `${root}/delete-tag`, (fields) => {
    tracking.runs.deleteTag(fields.runId(), fields.required('key'));
    return {};
  });
  endpoint(app, 'POST', `${root}/log-batch`, async (fields) => {
    const metrics = fields.objects('metrics');
    const params = fields.objects('params');
    const tags = fields.objects('tags');
    checkCount('metrics', metrics.length, limits.metricsPerBatch);
    checkCount('params', params.length, limits.paramsPerBatch);
    checkCount('tags', tags.length, limits.tagsPerBatch);
    checkCount(
      'metrics, params and tags together',
      metrics.length + params.length + tags.length,
      limits.entitiesPerBatch,
    );
    await tracking.logBatch(fields.runId(), {
      metrics: metrics.map(metricOf),
      params: params.map(paramOf),
      tags: tags.map(tagOf),
    });
    return {};
  });
  endpoint(app, 'POST', `${root}/log-inputs`, (fields) => {
    const runId = fields.runId();
    for (const input of fields.objects('datasets')) {
      const dataset = input.object('dataset');
      tracking.runs.logInput(
        runId,
        { name: dataset.required('name'), digest: dataset.text('digest') },
        input.raw(),
      );
    }
    return {};
  });
  endpoint(app, 'POST', `${root}/log-model`, (fields) => {
    logModel(tracking, fields.runId(), fields.required('model_json'));
    return {};
  });
}

const modelHistoryTag = 'mlflow.log-model.history';

/** Models that a run logged are a list in one of its tags. */
function logModel({ runs }: Tracking, runId: string, modelJson: string): void {
  const held = runs.get(runId).tags.find((tag) => tag.key === modelHistoryTag)?.value;
  let models: unknown[];
  try {
    models = [...(held === undefined ? [] : (JSON.parse(held) as unknown[])), JSON.parse(modelJson)];
  } catch {
    throw new AirError('INVALID_ARGS', `'model_json' is not JSON: ${modelJson.slice(0, 100)}`);
  }
  runs.setTags(runId, [{ key: modelHistoryTag, value: JSON.stringify(models) }]);
}

function metricOf(fields: Fields): MetricPoint {
  return {
    key: checkKey('metric', fields.required('key')),
    value: fields.float('value'),
    timestamp: fields.integer('timestamp', BigInt(Date.now())),
    step: fields.integer('step', 0n),
  };
}

function paramOf(fields: Fields): Param {
  return {
    key: checkKey('param', fields.required('key')),
    value: checkLength('Param value', fields.text('value'), limits.paramValue),
  };
}

function tagOf(fields: Fields): Tag {
  return {
    key: checkKey('tag', fields.required('key')),
    value: checkLength('Tag value', fields.text('value'), limits.tagValue),
  };
}

function statusOf(text: string): TrackingStatus {
  const status = trackingStatuses.find((known) => known === text);
  if (status) return status;
  throw new AirError('INVALID_ARGS', `'${text}' is no run status: ${trackingStatuses.join(', ')}.`);
}
