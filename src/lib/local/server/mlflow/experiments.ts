import type { Hono } from 'hono';
import { AirError } from '../../../errors.js';
import type { LifecycleStage, Tag } from '../../store/tracking-experiments.js';
import type { Tracking } from '../../store/tracking.js';
import { endpoint } from './endpoint.js';
import type { Fields } from './fields.js';
import { checkKey, checkLength, limits } from './limits.js';
import { offsetOf, pageOf } from './paging.js';
import { wireExperiment } from './wire.js';

const root = '/api/2.0/mlflow/experiments';

/** Calls on experiments. */
export function experimentRoutes(app: Hono, { experiments }: Tracking): void {
  endpoint(app, 'POST', `${root}/create`, (fields) => {
    const artifactLocation = fields.text('artifact_location').replace(/\/+$/, '');
    return {
      experiment_id: experiments.create(fields.required('name'), {
        ...(artifactLocation && { artifactLocation }),
        tags: fields.objects('tags').map(experimentTag),
      }),
    };
  });
  endpoint(app, 'GET', `${root}/get`, (fields) => ({
    experiment: wireExperiment(experiments.get(fields.required('experiment_id'))),
  }));
  endpoint(app, 'GET', `${root}/get-by-name`, (fields) => {
    const name = fields.required('experiment_name');
    const experiment = experiments.named(name);
    if (!experiment) throw new AirError('NOT_FOUND', `Experiment '${name}' does not exist.`);
    return { experiment: wireExperiment(experiment) };
  });
  const search = (fields: Fields) => {
    const limit = fields.count('max_results', 1000, 50_000);
    const offset = offsetOf(fields.text('page_token'));
    const found = experiments.search({
      filter: fields.text('filter'),
      orderBy: fields.texts('order_by'),
      stage: stageOf(fields.text('view_type')),
      limit: limit + 1,
      offset,
    });
    const { rows, ...rest } = pageOf(found, limit, offset);
    return { experiments: rows.map(wireExperiment), ...rest };
  };
  endpoint(app, 'GET', `${root}/list`, search);
  endpoint(app, 'GET', `${root}/search`, search);
  endpoint(app, 'POST', `${root}/search`, search);
  endpoint(app, 'POST', `${root}/update`, (fields) => {
    if (fields.has('new_name'))
      experiments.rename(fields.required('experiment_id'), fields.required('new_name'));
    return {};
  });
  endpoint(app, 'POST', `${root}/delete`, (fields) => {
    experiments.setStage(fields.required('experiment_id'), 'deleted');
    return {};
  });
  endpoint(app, 'POST', `${root}/restore`, (fields) => {
    experiments.setStage(fields.required('experiment_id'), 'active');
    return {};
  });
  endpoint(app, 'POST', `${root}/set-experiment-tag`, (fields) => {
    experiments.setTag(fields.required('experiment_id'), experimentTag(fields));
    return {};
  });
  endpoint(app, 'POST', `${root}/delete-experiment-tag`, (fields) => {
    experiments.deleteTag(fields.required('experiment_id'), fields.required('key'));
    return {};
  });
}

/** The life-cycle stage that a `view_type` asks for. */
export function stageOf(viewType: string): LifecycleStage | 'all' {
  switch (viewType) {
    case '':
    case 'ACTIVE_ONLY':
      return 'active';
    case 'DELETED_ONLY':
      return 'deleted';
    case 'ALL':
      return 'all';
    default:
      throw new AirError('INVALID_ARGS', `'${viewType}' is no view type: ACTIVE_ONLY, DELETED_ONLY or ALL.`);
  }
}

function experimentTag(fields: Fields): Tag {
  return {
    key: checkKey('tag', fields.required('key')),
    value: checkLength('Tag value', fields.text('value'), limits.experimentTagValue),
  };
}
