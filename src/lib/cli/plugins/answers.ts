import type { Amendment, PluginProblem } from '../../config/types.js';

/** The answer of an `air:config` hook, which comes from plain JavaScript, with its shape made sure. */
export function configAnswer(answer: unknown): Omit<Amendment, 'plugin'> {
  const { overrides, problems } = fieldsOf(answer, ['overrides', 'problems']);
  return {
    overrides: listOf(overrides, 'overrides', isText, 'texts such as "max_retries=1"'),
    problems: listOf(problems, 'problems', isProblem, '{ path, message, hint? }'),
  };
}

/** The answer of an `air:plan` hook, with its shape made sure. */
export function planAnswer(answer: unknown): { refusal: string | undefined; notes: readonly string[] } {
  const { refusal, notes } = fieldsOf(answer, ['refusal', 'notes']);
  if (refusal !== undefined && !isText(refusal)) throw new Error('"refusal" is no text.');
  return { refusal, notes: listOf(notes, 'notes', isText, 'texts') };
}

function fieldsOf<Name extends string>(
  answer: unknown,
  names: readonly Name[],
): Partial<Record<Name, unknown>> {
  if (answer === undefined || answer === null) return {};
  const known = names.join(' and ');
  if (typeof answer !== 'object') throw new Error(`it is no object with ${known}.`);
  const stranger = Object.keys(answer).find((key) => !names.includes(key as Name));
  if (stranger !== undefined) throw new Error(`"${stranger}" is not known; known are ${known}.`);
  return answer;
}

function listOf<Item>(
  value: unknown,
  name: string,
  fits: (item: unknown) => item is Item,
  expected: string,
): readonly Item[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every(fits)) return value;
  throw new Error(`"${name}" is no list of ${expected}.`);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isProblem(value: unknown): value is PluginProblem {
  if (typeof value !== 'object' || value === null) return false;
  const { path, message, hint } = value as Record<string, unknown>;
  return isText(path) && isText(message) && (hint === undefined || isText(hint));
}
