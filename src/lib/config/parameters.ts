import {
  DUMP_SCHEMA,
  present,
  SCALAR_STYLE,
  type Document,
  type MappingNode as AstMapping,
  type Node as AstNode,
} from 'js-yaml';
import type { MappingNode, Node, ScalarNode } from './nodes.js';
import { integerValue, portableFloat, typeOf, yaml11Reading } from './scalars.js';

/**
 * `parameters` as the YAML file that training programs read: keys sorted, four spaces of indent, aliases and
 * merges written out, and every scalar in a form that YAML 1.1 and YAML 1.2 readers take alike, to the last
 * digit.
 */
export function renderParameters(node: MappingNode): string {
  const document: Document = { contents: astOf(node), directives: [] };
  return present([document], { schema: DUMP_SCHEMA, indent: 4, lineWidth: -1 });
}

const yaml = (name: string) => `tag:yaml.org,2002:${name}`;

function astOf(node: Node): AstNode {
  switch (node.kind) {
    case 'scalar':
      return scalar(node);
    case 'sequence':
      return { kind: 'sequence', tag: yaml('seq'), tagged: false, style: 1, items: node.items.map(astOf) };
    case 'mapping':
      return mapping(node);
  }
}

function mapping(node: MappingNode): AstMapping {
  const entries = [...node.byKey].sort(([a], [b]) => (a < b ? -1 : 1));
  const items = entries.map(([, { key, value }]) => ({ key: scalar(key), value: astOf(value) }));
  return { kind: 'mapping', tag: yaml('map'), tagged: false, style: 1, items };
}

function scalar(node: ScalarNode): AstNode {
  const { type, text } = portable(node);
  // The presenter itself quotes text that would be read as something else; it does not know every form of 1.1.
  const mustQuote = type === 'str' && yaml11Reading(text) !== undefined;
  const style = mustQuote ? SCALAR_STYLE.SINGLE_QUOTED : SCALAR_STYLE.PLAIN;
  return { kind: 'scalar', tag: yaml(type), tagged: false, style, value: text };
}

/** A scalar's 1.2 value, written so that no reader can take it otherwise. */
function portable(node: ScalarNode): { type: string; text: string } {
  switch (typeOf(node)) {
    case 'null':
      return { type: 'null', text: 'null' };
    case 'boolean':
      return { type: 'bool', text: node.text.toLowerCase() };
    case 'integer':
      return { type: 'int', text: String(integerValue(node.text)) };
    case 'float':
      return { type: 'float', text: portableFloat(node.text) };
    case 'string':
      return { type: 'str', text: node.text };
  }
}
