import { displayName } from '../../compute/accelerators.js';
import { AirError } from '../../errors.js';
import { nearest } from '../../nearest.js';
import { shellWord } from '../../shell-word.js';
import { lifeCycleStates, resultStates, type Run } from '../../workspace/contract/index.js';
import { statusWord } from '../status.js';
import { acceleratorsOf, experimentName, trainingTask } from '../training.js';
import { globExpression } from './glob.js';

/** What a run must be to be listed. Different keys must all hold; of one key's values, any. */
export interface RunFilter {
  /** Names of users, in lower case; undefined: not asked for. */
  readonly users: readonly string[] | undefined;
  /** Status words, in upper case. */
  readonly statuses: readonly string[] | undefined;
  readonly conditions: readonly ((run: Run) => boolean)[];
}

/** Every word that {@link statusWord} can come to for a state that is known here. */
const statuses: readonly string[] = [...resultStates, ...lifeCycleStates, 'UNKNOWN'];

type Condition = (value: string, item: string) => (run: Run) => boolean;

const conditions: Readonly<Record<string, Condition>> = {
  accelerator_type(value) {
    const wanted = value.toLowerCase();
    return (run) => {
      const { type } = acceleratorsOf(trainingTask(run));
      return type !== null && [type, displayName(type)].some((name) => name.toLowerCase() === wanted);
    };
  },
  experiment(value, item) {
    const expression = globExpression(value);
    if (!expression)
      throw invalid(item, 'the pattern ends within a set or after a backslash', '"*" matches any text');
    return (run) => expression.test(experimentName(trainingTask(run)) ?? '');
  },
  num_accelerators(value, item) {
    if (!/^[1-9]\d{0,8}$/.test(value)) throw invalid(item, 'the number of GPUs is a positive whole number');
    return (run) => acceleratorsOf(trainingTask(run)).count === Number(value);
  },
  status(value, item) {
    const wanted = value.toUpperCase();
    if (!statuses.includes(wanted)) {
      const near = nearest(value, statuses);
      throw invalid(
        item,
        `there is no status ${JSON.stringify(value)}; statuses are ${statuses.join(', ')}`,
        near === null ? undefined : suggestionOf('status', near),
      );
    }
    return (run) => statusWord(run).toUpperCase() === wanted;
  },
  user(value) {
    const wanted = value.toLowerCase();
    return (run) => run.creator_user_name?.toLowerCase() === wanted;
  },
};

const keys = Object.keys(conditions);

/** Reads `KEY=VALUE` items. Throws INVALID_ARGS for one that is none, or has an unknown key. */
export function parseFilters(items: readonly string[]): RunFilter {
  const byKey = new Map<string, { value: string; holds: (run: Run) => boolean }[]>();
  for (const item of items) {
    const split = item.indexOf('=');
    const key = item.slice(0, Math.max(0, split)).trim();
    const value = item.slice(split + 1).trim();
    if (key === '') throw invalid(item, 'a filter is KEY=VALUE', `Keys: ${keys.join(', ')}.`);
    const condition = Object.hasOwn(conditions, key) ? conditions[key] : undefined;
    if (!condition) {
      const near = nearest(key, keys);
      throw invalid(
        item,
        `there is no key ${JSON.stringify(key)}; keys are ${keys.join(', ')}`,
        near === null ? undefined : suggestionOf(near, value),
      );
    }
    if (value === '') throw invalid(item, `${key} has no value`);
    byKey.set(key, [...(byKey.get(key) ?? []), { value, holds: condition(value, item) }]);
  }
  const values = (key: string) => byKey.get(key)?.map((each) => each.value);
  return {
    users: values('user')?.map((user) => user.toLowerCase()),
    statuses: values('status')?.map((status) => status.toUpperCase()),
    conditions: [...byKey.values()].map((any) => (run: Run) => any.some((each) => each.holds(run))),
  };
}

export function matches(run: Run, filter: RunFilter): boolean {
  return filter.conditions.every((holds) => holds(run));
}

function suggestionOf(key: string, value: string): string {
  return `Did you mean: --filter ${shellWord(`${key}=${value}`)}`;
}

function invalid(item: string, why: string, hint?: string): AirError {
  return new AirError('INVALID_ARGS', `--filter ${JSON.stringify(item)}: ${why}.`, hint ? { hint } : {});
}
