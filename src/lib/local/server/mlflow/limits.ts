import { AirError } from '../../../errors.js';

/** The limits of MLflow on what runs log, in characters; kept here so that nothing passes that Databricks refuses. */
export const limits = {
  key: 250,
  paramValue: 6000,
  tagValue: 8000,
  experimentTagValue: 20_000,
  metricsPerBatch: 1000,
  paramsPerBatch: 100,
  tagsPerBatch: 100,
  entitiesPerBatch: 1000,
} as const;

/** A key of a metric, parameter or tag: it may be a path, but not one that climbs. */
export function checkKey(kind: string, key: string): string {
  checkLength(`${kind} name`, key, limits.key);
  const fine =
    /^[/\p{L}\p{M}\p{N}_.\- :]+$/u.test(key) &&
    !key.startsWith('/') &&
    !key.split('/').some((part) => /^\.*$/.test(part));
  if (!fine) {
    throw new AirError(
      'INVALID_ARGS',
      `Invalid ${kind} name '${key}': names hold letters, digits, underscores, dashes, periods, spaces, colons and slashes, and are no path that climbs.`,
    );
  }
  return key;
}

export function checkLength(what: string, text: string, most: number): string {
  if (text.length <= most) return text;
  throw new AirError(
    'INVALID_ARGS',
    `${what} '${text.slice(0, 40)}...' has ${text.length} characters; at most ${most} are allowed.`,
  );
}

export function checkCount(what: string, count: number, most: number): void {
  if (count <= most) return;
  throw new AirError('INVALID_ARGS', `A batch holds at most ${most} ${what}; this one has ${count}.`);
}
