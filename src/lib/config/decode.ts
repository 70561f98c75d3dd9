import { childOf, resolved, typesOf, type FieldSchema } from './fields.js';
import type { MappingNode, Node, ScalarNode } from './nodes.js';
import { isPlain, typeOf } from './scalars.js';

/** An integer as an integer field takes it: decimal, `0x` or `0o`, and no form that YAML versions read apart. */
const strictInteger = /^(?:[-+]?(?:0|[1-9][0-9]*)|0x[0-9a-fA-F]+|0o[0-7]+)$/;

/**
 * The value of a node as its field takes it, ready for the schema: a string field takes a scalar's source
 * text, an integer field only an integer's notation. What does not fit stays as it is, and the schema finds
 * it. A key with nothing after it is left out, as if it were not there.
 */
export function decode(node: Node, schema: FieldSchema): unknown {
  const field = resolved(schema);
  const types = typesOf(field);
  if (node.kind === 'sequence') {
    const { items } = field;
    return items === undefined ? [] : node.items.map((item) => decodeItem(item, items));
  }
  if (node.kind === 'mapping') return decodeMapping(node, field);
  if (types.includes('boolean') && typeOf(node) === 'boolean') return node.text.toLowerCase() === 'true';
  if (types.includes('integer') && !types.includes('string')) return decodeInteger(node);
  return decodeText(node, field);
}

/** True for `key:` and `key: null`. */
export function isNull(node: Node): boolean {
  return node.kind === 'scalar' && typeOf(node) === 'null';
}

function decodeItem(node: Node, field: FieldSchema): unknown {
  return isNull(node) ? null : decode(node, field);
}

function decodeMapping(node: MappingNode, field: FieldSchema): unknown {
  const { additionalProperties } = field;
  const pairs: [string, unknown][] = [];
  if (typeof additionalProperties === 'object') {
    for (const [key, { value }] of node.byKey) {
      pairs.push([key, isNull(value) ? nullOf(additionalProperties) : decode(value, additionalProperties)]);
    }
  } else if (field.properties) {
    for (const [key, { value }] of node.byKey) {
      const child = childOf(field, key);
      if (child === undefined) pairs.push([key, null]);
      else if (!isNull(value)) pairs.push([key, decode(value, child)]);
    }
  }
  return Object.fromEntries(pairs);
}

function nullOf(field: FieldSchema): string | null {
  return field['x-null'] ?? null;
}

function decodeInteger(node: ScalarNode): number | string {
  const fits = (isPlain(node) ? node.tag === undefined : false) || node.tag === 'tag:yaml.org,2002:int';
  if (!fits || !strictInteger.test(node.text)) return node.text;
  return Number(node.text) + 0;
}

function decodeText(node: ScalarNode, field: FieldSchema): string {
  const text = field['x-trim'] ? node.text.trim() : node.text;
  return field['x-lower'] ? text.toLowerCase() : text;
}
