import type { MappingNode, Node, ScalarNode, SequenceNode } from './nodes.js';
import { isSecretName, looksLikeSecret } from './secrets.js';

export type Pair = readonly [name: string, value: string];

/** Names and values of a list: `- A=b`, `- A: b`, and `- name: A` with a `value`; undefined for any other list. */
export function pairsOf({ items }: SequenceNode): Pair[] | undefined {
  return every(items.map(pairOf));
}

/** Names and values of a text such as `A=b C=d`; undefined for any other text. */
export function pairsIn(text: string): Pair[] | undefined {
  return every(text.split(/\s+/).map(assignment));
}

/** The fields of a map, or of a list of maps, that hold one value each; undefined where anything else is in it. */
export function fieldsOf(node: MappingNode | SequenceNode): Pair[] | undefined {
  if (node.kind === 'sequence') {
    const fields = every(node.items.map((item) => (item.kind === 'mapping' ? fieldsOf(item) : undefined)));
    return fields?.flat();
  }
  const fields = [...node.byKey].map(([name, { value }]) => [name, value] as const);
  const isText = (field: readonly [string, Node]): field is [string, ScalarNode] =>
    field[1].kind === 'scalar';
  return fields.every(isText) ? fields.map(([name, { text }]) => [name, text]) : undefined;
}

/** A map of the pairs in which the values of secrets are starred. */
export function withoutSecrets(pairs: readonly Pair[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map(([name, value]) => [name, isSecretName(name) || looksLikeSecret(value) ? '***' : value]),
  );
}

function pairOf(item: Node): Pair | undefined {
  if (item.kind === 'scalar') return assignment(item.text);
  const fields = item.kind === 'mapping' ? fieldsOf(item) : undefined;
  if (fields?.length === 1) return fields[0];
  const named = new Map(fields);
  const [name, value] = [named.get('name'), named.get('value')];
  return fields?.length === 2 && name !== undefined && value !== undefined ? [name, value] : undefined;
}

function assignment(text: string): Pair | undefined {
  const match = /^\s*(?:--)?([A-Za-z_][\w-]*)=(.*)$/s.exec(text);
  return match ? [match[1] ?? '', match[2] ?? ''] : undefined;
}

/** The values when there are any and each is one. */
function every<T>(values: readonly (T | undefined)[]): T[] | undefined {
  const known = values.filter((value) => value !== undefined);
  return known.length > 0 && known.length === values.length ? known : undefined;
}
