import { AirError } from '../errors.js';
import {
  childOf,
  childrenOf,
  isFreeForm,
  pathOf,
  resolved,
  typesOf,
  workloadSchema,
  type FieldSchema,
} from './fields.js';
import {
  emptyMapping,
  plainScalar,
  withEntry,
  type MappingNode,
  type Node,
  type ScalarNode,
} from './nodes.js';
import { parseYaml } from './parse.js';
import { isSecretName } from './secrets.js';
import { SourceText } from './source.js';
import { meantField } from './synonyms.js';
import type { AppliedOverride } from './types.js';

/** One override, its path known to be one of the schema. */
export interface Override {
  readonly path: string;
  readonly keys: readonly string[];
  /** The flag as typed, or what the plugin gave; of a secrets-like key without its value. */
  readonly source: SourceText;
  /** Where the path begins in the source. */
  readonly start: number;
  /** Set when a plugin gave it. */
  readonly plugin: string | undefined;
  readonly value: Node;
  readonly secret: boolean;
}

const redacted = '***';

/** Who gives overrides: the user with a flag, or a plugin. */
interface Giver {
  readonly plugin: string | undefined;
  /** Stands before the override wherever it is shown. */
  readonly label: string;
  /** The error of an override that is malformed or names no field. */
  refusal(what: string, message: string, hint?: string): AirError;
}

const user: Giver = {
  plugin: undefined,
  label: '--override ',
  refusal: (what, message, hint) =>
    new AirError('INVALID_ARGS', `--override ${what}: ${message}`, hint === undefined ? {} : { hint }),
};

function pluginGiver(plugin: string): Giver {
  return {
    plugin,
    label: `plugin ${plugin}: `,
    refusal: (what, message) =>
      new AirError('INTERNAL_ERROR', `The plugin ${plugin} gives the override ${what}: ${message}`, {
        hint: `To work without the plugin, type: air plugins uninstall ${plugin}`,
      }),
  };
}

/**
 * Reads overrides and checks every path against the schema, before any file is read.
 * @throws AirError for one without `=`, with an unknown path, or with a value that is no YAML: INVALID_ARGS for
 *   the user's, INTERNAL_ERROR for those of a plugin.
 */
export function parseOverrides(items: readonly string[], plugin?: string): Override[] {
  const giver = plugin === undefined ? user : pluginGiver(plugin);
  return items.map((item) => parseOverride(item, giver));
}

function parseOverride(item: string, giver: Giver): Override {
  const equals = item.indexOf('=');
  if (equals === -1) {
    const isFile = /\.ya?ml$/.test(item);
    const hint = isFile
      ? `To run this file, type: air run -f ${item}`
      : 'For example: --override compute.num_accelerators=32';
    throw giver.refusal(item, 'expected KEY=VALUE.', hint);
  }
  const path = item.slice(0, equals).trim();
  if (path === '') {
    const hint = 'For example: --override compute.num_accelerators=32';
    throw giver.refusal(item, 'the key before "=" is empty.', hint);
  }
  const keys = path.split('.');
  checkPath(path, keys, giver);
  const secret = keys.some(isSecretName);
  const written = item.slice(equals + 1);
  const { label, plugin } = giver;
  const base = label.length + equals + 1;
  const typed = `${label}${item.slice(0, equals + 1)}${secret ? redacted : written}`;
  const source = new SourceText(typed, typed, plugin === undefined ? 'override' : 'plugin', secret);
  const { root, problems } = parseYaml(source, written, base);
  const [problem] = problems;
  if (problem) {
    const value = secret ? '' : ` ${JSON.stringify(written)}`;
    const hint = `Quote text for YAML: --override '${path}="..."'`;
    throw giver.refusal(path, `the value${value} cannot be read. ${problem.message}`, hint);
  }
  const value = root ?? plainScalar('', source, base);
  return { path, keys, source, start: label.length, plugin, secret, value };
}

/** Every dotted path that --override accepts is a field of the schema, or lies below a map of the user's own keys. */
function checkPath(path: string, keys: readonly string[], giver: Giver): void {
  let field: FieldSchema = workloadSchema;
  for (const [index, key] of keys.entries()) {
    if (isFreeForm(field)) {
      if (key === '') throw giver.refusal(path, 'a part of the path is empty.');
      continue;
    }
    const children = childrenOf(field);
    if (!children) {
      const parent = keys.slice(0, index).join('.');
      const kind = typesOf(field).includes('array')
        ? 'a list: give the whole list'
        : 'one value and has no fields';
      const what = keys.slice(index).join('.');
      throw giver.refusal(path, `${parent} is ${kind}, so "${what}" cannot be set.`);
    }
    const child = childOf(field, key);
    if (!child) throw unknownField(path, keys.slice(0, index), key, Object.keys(children), giver);
    field = resolved(child);
  }
}

function unknownField(
  path: string,
  above: readonly string[],
  key: string,
  names: readonly string[],
  giver: Giver,
): AirError {
  const parent = above.join('.');
  const meant = meantField(parent, key, names);
  const own = names.find((name) => pathOf(parent, name) === meant);
  const list = `Fields: ${[...names].sort().join(', ')}.`;
  const hint =
    own !== undefined
      ? `Did you mean ${own}? ${list}`
      : meant === undefined
        ? list
        : `Did you mean ${meant}?`;
  return giver.refusal(path, `"${key}" is not a known field.`, hint);
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
    current = withValue(current, override.keys, override.value, override);
    applied.push({
      path: override.path,
      from: before === undefined ? null : override.secret ? redacted : sourceText(before),
      to: override.secret ? redacted : sourceText(override.value),
      ...(override.plugin === undefined ? {} : { plugin: override.plugin }),
    });
  }
  return { root: current, applied };
}

function find(root: MappingNode, keys: readonly string[]): Node | undefined {
  let node: Node | undefined = root;
  for (const key of keys) node = node?.kind === 'mapping' ? node.byKey.get(key)?.value : undefined;
  return node;
}

type Written = Pick<Override, 'source' | 'start'>;

function withValue(node: MappingNode, keys: readonly string[], value: Node, written: Written): MappingNode {
  const [key = '', ...below] = keys;
  const old = node.byKey.get(key);
  let next = value;
  if (below.length > 0) {
    const { source, start } = written;
    const inner = old?.value.kind === 'mapping' ? old.value : emptyMapping(source, start);
    next = withValue(inner, below, value, written);
  }
  return withEntry(node, { key: old?.key ?? keyNode(key, written), value: next });
}

function keyNode(key: string, { source, start }: Written): ScalarNode {
  return plainScalar(key, source, Math.max(0, source.text.indexOf(key, start)));
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
