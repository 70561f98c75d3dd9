import { AirError } from '../errors.js';
import { nearest } from '../nearest.js';
import {
  childOf,
  childrenOf,
  isFreeForm,
  resolved,
  typesOf,
  workloadSchema,
  type FieldSchema,
} from './fields.js';
import type { MapEntry, MappingNode, Node, ScalarNode } from './nodes.js';
import { parseYaml } from './parse.js';
import { isSecretName } from './secrets.js';
import { SourceText } from './source.js';
import type { AppliedOverride } from './types.js';

/** One `--override`, its path known to be one of the schema. */
export interface Override {
  readonly path: string;
  readonly keys: readonly string[];
  /** The flag as typed; of a secrets-like key without its value. */
  readonly source: SourceText;
  readonly value: Node;
  readonly secret: boolean;
}

const flag = '--override ';
const redacted = '***';

/**
 * Reads overrides and checks every path against the schema, before any file is read.
 * @throws AirError INVALID_ARGS for one without `=`, with an unknown path, or with a value that is no YAML.
 */
export function parseOverrides(items: readonly string[]): Override[] {
  return items.map(parseOverride);
}

function parseOverride(item: string): Override {
  const equals = item.indexOf('=');
  if (equals === -1) {
    const isFile = /\.ya?ml$/.test(item);
    throw new AirError('INVALID_ARGS', `--override ${item}: expected KEY=VALUE.`, {
      hint: isFile
        ? `To run this file, type: air run -f ${item}`
        : 'For example: --override compute.num_accelerators=32',
    });
  }
  const path = item.slice(0, equals).trim();
  if (path === '') {
    throw new AirError('INVALID_ARGS', `--override ${item}: the key before "=" is empty.`, {
      hint: 'For example: --override compute.num_accelerators=32',
    });
  }
  const keys = path.split('.');
  checkPath(path, keys);
  const secret = keys.some(isSecretName);
  const written = item.slice(equals + 1);
  const base = flag.length + equals + 1;
  const typed = `${flag}${item.slice(0, equals + 1)}${secret ? redacted : written}`;
  const source = new SourceText(typed, typed, 'override', secret);
  const { root, problems } = parseYaml(source, written, base);
  const [problem] = problems;
  if (problem) {
    const value = secret ? '' : ` ${JSON.stringify(written)}`;
    throw new AirError(
      'INVALID_ARGS',
      `--override ${path}: the value${value} cannot be read. ${problem.message}`,
      {
        hint: `Quote text for YAML: --override '${path}="..."'`,
      },
    );
  }
  return { path, keys, source, secret, value: root ?? emptyValue(source, base) };
}

function emptyValue(source: SourceText, start: number): ScalarNode {
  return {
    kind: 'scalar',
    source,
    start,
    anchor: undefined,
    style: 1,
    text: '',
    tag: undefined,
    absent: false,
  };
}

/** Every dotted path that --override accepts is a field of the schema, or lies below a map of the user's own keys. */
function checkPath(path: string, keys: readonly string[]): void {
  let field: FieldSchema = workloadSchema;
  for (const [index, key] of keys.entries()) {
    if (isFreeForm(field)) {
      if (key === '') throw invalidPath(path, 'a part of the path is empty.');
      continue;
    }
    const children = childrenOf(field);
    if (!children) {
      const parent = keys.slice(0, index).join('.');
      const kind = typesOf(field).includes('array')
        ? 'a list: give the whole list'
        : 'one value and has no fields';
      throw invalidPath(path, `${parent} is ${kind}, so "${keys.slice(index).join('.')}" cannot be set.`);
    }
    const child = childOf(field, key);
    if (!child) throw unknownField(path, key, Object.keys(children));
    field = resolved(child);
  }
}

function unknownField(path: string, key: string, names: string[]): AirError {
  const meant = nearest(key, names);
  const list = `Fields: ${[...names].sort().join(', ')}.`;
  return invalidPath(
    path,
    `"${key}" is not a known field.`,
    meant === null ? list : `Did you mean ${meant}? ${list}`,
  );
}

function invalidPath(path: string, message: string, hint?: string): AirError {
  return new AirError('INVALID_ARGS', `--override ${path}: ${message}`, hint === undefined ? {} : { hint });
}

/**
 * A copy of the file's tree with the overrides put in, in their order. Only the maps on the way are copied:
 * what is shared by an alias keeps its value elsewhere.
 */
export function applyOverrides(
  root: MappingNode,
  overrides: readonly Override[],
): { root: MappingNode; applied: AppliedOverride[] } {
  const applied: AppliedOverride[] = [];
  let current = root;
  for (const override of overrides) {
    const before = find(current, override.keys);
    current = withValue(current, override.keys, override.value, override.source);
    applied.push({
      path: override.path,
      from: before === undefined ? null : override.secret ? redacted : sourceText(before),
      to: override.secret ? redacted : sourceText(override.value),
    });
  }
  return { root: current, applied };
}

function find(root: MappingNode, keys: readonly string[]): Node | undefined {
  let node: Node | undefined = root;
  for (const key of keys) node = node?.kind === 'mapping' ? node.byKey.get(key)?.value : undefined;
  return node;
}

function withValue(node: MappingNode, keys: readonly string[], value: Node, source: SourceText): MappingNode {
  const [key = '', ...below] = keys;
  const old = node.byKey.get(key);
  let next = value;
  if (below.length > 0) {
    const inner = old?.value.kind === 'mapping' ? old.value : emptyMap(source);
    next = withValue(inner, below, value, source);
  }
  const entry: MapEntry = { key: old?.key ?? keyNode(key, source), value: next };
  const isOwn = node.entries.some((each) => each === old);
  const entries = isOwn
    ? node.entries.map((each) => (each === old ? entry : each))
    : [...node.entries, entry];
  return { ...node, anchor: undefined, entries, byKey: new Map([...node.byKey, [key, entry]]) };
}

function emptyMap(source: SourceText): MappingNode {
  return {
    kind: 'mapping',
    source,
    start: flag.length,
    anchor: undefined,
    style: 1,
    entries: [],
    byKey: new Map(),
  };
}

function keyNode(key: string, source: SourceText): ScalarNode {
  const start = Math.max(0, source.text.indexOf(key, flag.length));
  return {
    kind: 'scalar',
    source,
    start,
    anchor: undefined,
    style: 1,
    text: key,
    tag: undefined,
    absent: false,
  };
}

/** A value as a reader knows it: of a scalar what is written, of a list or map its flow form. */
export function sourceText(node: Node): string {
  switch (node.kind) {
    case 'scalar':
      return node.absent || node.text === '' ? (node.style === 1 ? 'null' : '""') : node.text;
    case 'sequence':
      return `[${node.items.map(sourceText).join(', ')}]`;
    case 'mapping':
      return `{${[...node.byKey].map(([key, { value }]) => `${key}: ${sourceText(value)}`).join(', ')}}`;
  }
}
