import { AirError } from '../errors.js';
import { nearest } from '../nearest.js';
import {
  childOf,
  childrenOf,
  isFreeForm,
  objectOf,
  typesOf,
  workloadSchema,
  type FieldSchema,
} from './fields.js';

/** What the schema says of one field, in the words of `-h config.path` and of its JSON. */
export interface FieldHelp {
  /** `config`, or `config.` and the dotted path. */
  path: string;
  description: string;
  type: string;
  required: boolean;
  /** When a field that is not always required is required. */
  required_when: string | null;
  expected: string | null;
  /** The values there are, where they can be listed. */
  values: readonly string[] | null;
  example: unknown;
  /** The fields of an object, or of the objects of a list; null where there are none. */
  fields: FieldSummary[] | null;
}

export interface FieldSummary {
  name: string;
  type: string;
  required: boolean;
  summary: string;
}

/**
 * Explains a field: `config.compute`, `compute`, `permissions.level` (lists of objects are looked through);
 * an empty path or `config` explains the whole file.
 * @throws AirError INVALID_ARGS when there is no such field.
 */
export function explainField(path: string): FieldHelp {
  const names = fieldNames(path);
  let field = workloadSchema;
  let required = true;
  for (const [index, name] of names.entries()) {
    const children = childrenOf(objectOf(field));
    const child = childOf(objectOf(field), name);
    if (!child) throw noSuchField(field, names.slice(0, index), name, Object.keys(children ?? {}));
    required = objectOf(field).required?.includes(name) ?? false;
    field = child;
  }
  return helpOf(['config', ...names].join('.'), field, required);
}

function fieldNames(path: string): string[] {
  const bare = path
    .trim()
    .replace(/^config(?=$|[.[])/, '')
    .replace(/^\./, '');
  return bare
    .replaceAll(/\[\d*\]/g, '')
    .split('.')
    .filter((name, index, all) => name !== '' || all.length > 1);
}

function helpOf(path: string, field: FieldSchema, required: boolean): FieldHelp {
  const children = childrenOf(objectOf(field));
  return {
    path,
    description: field.description ?? '',
    type: typeName(field),
    required,
    required_when: field['x-required'] ?? null,
    expected: field['x-expected'] ?? null,
    values: field.enum?.filter((value) => value !== '') ?? null,
    example: field.examples?.[0] ?? null,
    fields: children ? Object.keys(children).map((name) => summaryOf(field, name)) : null,
  };
}

function summaryOf(parent: FieldSchema, name: string): FieldSummary {
  const object = objectOf(parent);
  const field = childOf(object, name) ?? {};
  return {
    name,
    type: typeName(field),
    required: object.required?.includes(name) ?? false,
    summary: firstSentence(field.description ?? ''),
  };
}

/** Up to the first full stop that ends a sentence: not that of an abbreviation. */
export function firstSentence(text: string): string {
  for (const { index } of text.matchAll(/\. /g)) {
    const sentence = text.slice(0, index + 1);
    if (!/\b(?:e\.g|i\.e|etc|vs|cf)\.$/.test(sentence)) return sentence;
  }
  return text;
}

function typeName(field: FieldSchema): string {
  return typesOf(field)
    .map((type) => {
      if (type === 'array') return childrenOf(objectOf(field)) ? 'list of objects' : 'list of strings';
      if (type === 'object' && isFreeForm(field))
        return field.additionalProperties ? 'map of strings' : 'map of anything';
      return type;
    })
    .join(' or ');
}

function noSuchField(
  field: FieldSchema,
  parents: readonly string[],
  name: string,
  names: string[],
): AirError {
  const parent = ['config', ...parents].join('.');
  if (isFreeForm(field)) {
    return new AirError(
      'INVALID_ARGS',
      `${parent} holds your own names, so the schema knows nothing of "${name}".`,
      {
        hint: `Type: air run -h ${parent}`,
      },
    );
  }
  if (names.length === 0) {
    return new AirError('INVALID_ARGS', `${parent} holds one value and has no field "${name}".`, {
      hint: `Type: air run -h ${parent}`,
    });
  }
  const meant = nearest(name, names);
  return new AirError('INVALID_ARGS', `There is no field ${parent}.${name}.`, {
    hint:
      meant === null
        ? `Fields of ${parent}: ${[...names].sort().join(', ')}.`
        : `Did you mean: air run -h ${parent}.${meant}`,
  });
}

/** The help of one field as text. */
export function renderFieldHelp(help: FieldHelp, width = 80): string {
  const wide = Math.max(40, Math.min(width, 100));
  const lines = [help.path, ...wrapped(help.description, '  ', wide), ''];
  if (help.fields === null || help.path !== 'config') lines.push(...factLines(help, wide));
  if (help.fields !== null) lines.push(...fieldLines(help, help.fields, wide));
  return `${lines.join('\n')}\n`;
}

function factLines(help: FieldHelp, width: number): string[] {
  const facts: [string, string | null][] = [
    ['Type:', help.type],
    ['Required:', help.required ? 'yes' : (help.required_when ?? 'no')],
    ['Values:', help.values?.join(', ') ?? null],
    ['Expected:', help.values ? null : help.expected],
    ['Example:', help.example === null ? null : exampleText(help.example)],
  ];
  return facts.flatMap(([name, value]) => {
    if (value === null) return [];
    const [first = '', ...more] = wrapped(value, '            ', width);
    return [`  ${name.padEnd(10)}${first.trimStart()}`, ...more];
  });
}

function exampleText(example: unknown): string {
  return typeof example === 'string' && !example.includes('\n') ? example : JSON.stringify(example);
}

function fieldLines(help: FieldHelp, fields: readonly FieldSummary[], width: number): string[] {
  const longest = Math.max(...fields.map(({ name }) => name.length));
  const indent = ' '.repeat(longest + 6);
  const list = fields.flatMap(({ name, required, summary }) => {
    const [first = '', ...more] = wrapped(`${required ? '(required) ' : ''}${summary}`, indent, width);
    return [`    ${name.padEnd(longest)}  ${first.trimStart()}`, ...more];
  });
  const head = help.path === 'config' ? [] : [''];
  return [...head, '  Fields:', ...list, '', `For more on a field, type: air run -h ${help.path}.<field>`];
}

function wrapped(text: string, indent: string, width: number): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    if (line.length > indent.length && line.length + word.length + 1 > width) {
      lines.push(line);
      line = indent;
    }
    line += line.length > indent.length ? ` ${word}` : word;
  }
  return [...lines, line];
}
