import type { SqlValue } from './database.js';
import type { Comparison, Entity, Ordering } from './tracking-filter.js';
import { invalid } from './tracking-values.js';

/** A piece of SQL and the values of its question marks, in order. */
export interface Sql {
  text: string;
  values: SqlValue[];
}

/** What can be searched: the SQL expression that an attribute, or a key of another kind, has for one row. */
export interface SearchTarget {
  attributes: Readonly<Record<string, { sql: string; numeric?: true }>>;
  /** The value that a row has under a key, as a scalar subquery with one question mark for the key. */
  keyed: Readonly<Partial<Record<Entity['kind'], string>>>;
}

const numericMetric = `CASE value WHEN 'Infinity' THEN 9e999 WHEN '-Infinity' THEN -9e999 WHEN 'NaN' THEN NULL ELSE value END`;
const runName = `(SELECT value FROM run_tags WHERE run_key = r.run_key AND key = 'mlflow.runName')`;

/** Runs, as rows `r` of `tracking_runs`. */
export const runTarget: SearchTarget = {
  attributes: {
    run_id: { sql: 'r.run_id' },
    status: { sql: 'r.status' },
    user_id: { sql: 'r.user_id' },
    experiment_id: { sql: 'CAST(r.experiment_id AS TEXT)' },
    run_name: { sql: runName },
    'run name': { sql: runName },
    'Run name': { sql: runName },
    'Run Name': { sql: runName },
    artifact_uri: {
      sql: `(SELECT COALESCE(artifact_location, 'mlflow-artifacts:/' || experiment_id) FROM experiments
             WHERE experiment_id = r.experiment_id) || '/' || r.run_id || '/artifacts'`,
    },
    start_time: { sql: 'r.start_time', numeric: true },
    created: { sql: 'r.start_time', numeric: true },
    Created: { sql: 'r.start_time', numeric: true },
    end_time: { sql: 'r.end_time', numeric: true },
  },
  keyed: {
    metric: `(SELECT ${numericMetric} FROM run_metrics WHERE run_key = r.run_key AND key = ?)`,
    param: '(SELECT value FROM run_params WHERE run_key = r.run_key AND key = ?)',
    tag: '(SELECT value FROM run_tags WHERE run_key = r.run_key AND key = ?)',
  },
};

/** Experiments, as rows `e` of `experiments`. */
export const experimentTarget: SearchTarget = {
  attributes: {
    name: { sql: 'e.name' },
    experiment_id: { sql: 'e.experiment_id', numeric: true },
    creation_time: { sql: 'e.creation_time', numeric: true },
    last_update_time: { sql: 'e.last_update_time', numeric: true },
  },
  keyed: { tag: '(SELECT value FROM experiment_tags WHERE experiment_id = e.experiment_id AND key = ?)' },
};

/** All conditions of a filter, joined; always true when there is none. */
export function conditionOf(target: SearchTarget, comparisons: readonly Comparison[]): Sql {
  const parts = comparisons.map((comparison) =>
    comparison.kind === 'dataset'
      ? datasetCondition(target, comparison)
      : scalarCondition(target, comparison),
  );
  return {
    text: parts.map((part) => `AND ${part.text}`).join(' '),
    values: parts.flatMap((part) => part.values),
  };
}

/** The ORDER BY list. Rows without the value come last, whatever the direction. */
export function orderOf(target: SearchTarget, orderings: readonly Ordering[], last: string): Sql {
  const parts = orderings.map((ordering) => ({ ...expressionOf(target, ordering), ordering }));
  return {
    text: [
      ...parts.map((part) => `${part.text} ${part.ordering.descending ? 'DESC' : 'ASC'} NULLS LAST`),
      last,
    ].join(', '),
    values: parts.flatMap((part) => part.values),
  };
}

function expressionOf(target: SearchTarget, { kind, key }: Entity): Sql & { numeric: boolean } {
  if (kind === 'attribute') {
    const attribute = target.attributes[key];
    if (!attribute) {
      throw invalid(
        `'${key}' is no attribute that can be searched. There are: ${Object.keys(target.attributes).join(', ')}.`,
      );
    }
    return { text: attribute.sql, values: [], numeric: attribute.numeric === true };
  }
  const sql = target.keyed[kind];
  if (!sql) throw invalid(`A ${kind} cannot be searched here.`);
  return { text: sql, values: [key], numeric: kind === 'metric' };
}

function scalarCondition(target: SearchTarget, comparison: Comparison): Sql {
  const expression = expressionOf(target, comparison);
  const compared = comparedTo(comparison, expression.numeric);
  return {
    text: `${expression.text} ${compared.text}`,
    values: [...expression.values, ...compared.values],
  };
}

function datasetCondition(target: SearchTarget, comparison: Comparison): Sql {
  if (target !== runTarget || (comparison.key !== 'name' && comparison.key !== 'digest')) {
    throw invalid(
      `datasets.${comparison.key} cannot be searched here; runs have datasets.name and datasets.digest.`,
    );
  }
  const compared = comparedTo(comparison, false);
  return {
    text: `EXISTS (SELECT 1 FROM run_inputs WHERE run_key = r.run_key AND ${comparison.key} ${compared.text})`,
    values: compared.values,
  };
}

/** A comparator with its right-hand side. A missing value is NULL, for which nothing but IS NULL holds. */
function comparedTo({ kind, key, comparator, values }: Comparison, numeric: boolean): Sql {
  const wrong = values.find((value) => (typeof value === 'number') !== numeric);
  if (wrong !== undefined) {
    throw invalid(
      `${kind} '${key}' is ${numeric ? 'a number' : 'text'} and cannot be compared with ${JSON.stringify(wrong)}.`,
    );
  }
  switch (comparator) {
    case 'IS NULL':
    case 'IS NOT NULL':
      return { text: comparator, values: [] };
    case 'IN':
    case 'NOT IN':
      return { text: `${comparator} (SELECT value FROM json_each(?))`, values: [JSON.stringify(values)] };
    case 'LIKE':
    case 'ILIKE': {
      if (numeric) throw invalid(`${kind} '${key}' is a number: ${comparator} compares text.`);
      const pattern = String(values[0]);
      // SQLite's LIKE ignores case; GLOB does not.
      return comparator === 'ILIKE'
        ? { text: 'LIKE ?', values: [pattern] }
        : { text: 'GLOB ?', values: [globOf(pattern)] };
    }
    default:
      if (!numeric && comparator !== '=' && comparator !== '!=') {
        throw invalid(`${kind} '${key}' is text: ${comparator} compares numbers.`);
      }
      return { text: `${comparator} ?`, values: [values[0] ?? null] };
  }
}

function globOf(like: string): string {
  return like.replace(/[*?[]/g, '[$&]').replaceAll('%', '*').replaceAll('_', '?');
}
