import { CORE_SCHEMA, present, type Document, type Node as AstNode } from 'js-yaml';
import type { MappingNode, Node, ScalarNode } from './nodes.js';

/**
 * A tree as YAML text: order of keys, style and source text of every scalar as they were written; comments
 * are gone. Values that are shared keep their anchor, unless its name is taken.
 */
export function emitYaml(root: Node): string {
  const ast = new AstBuilder(root).build();
  const document: Document = { contents: ast, directives: [] };
  return present([document], { schema: CORE_SCHEMA, lineWidth: -1, indent: 2 });
}

class AstBuilder {
  private readonly uses = new Map<Node, number>();
  private readonly names = new Map<Node, string>();
  private readonly taken = new Set<string>();

  constructor(private readonly root: Node) {
    this.count(root);
  }

  build(): AstNode {
    return this.node(this.root);
  }

  private count(node: Node): void {
    const uses = (this.uses.get(node) ?? 0) + 1;
    this.uses.set(node, uses);
    if (uses > 1) return;
    if (node.kind === 'sequence') node.items.forEach((item) => this.count(item));
    if (node.kind === 'mapping') {
      for (const { key, value } of node.entries) {
        this.count(key);
        this.count(value);
      }
    }
  }

  private node(node: Node): AstNode {
    const known = this.names.get(node);
    if (known !== undefined) return { kind: 'alias', anchor: known };
    const anchor = this.anchorOf(node);
    if (node.kind === 'scalar') return scalarAst(node, anchor);
    return node.kind === 'sequence'
      ? this.sequence(node.items, node.style, anchor)
      : this.mapping(node, anchor);
  }

  private anchorOf(node: Node): { anchor?: string } {
    if ((this.uses.get(node) ?? 0) < 2) return {};
    let name = node.anchor ?? 'shared';
    for (let number = 2; this.taken.has(name); number++) name = `${node.anchor ?? 'shared'}_${number}`;
    this.taken.add(name);
    this.names.set(node, name);
    return { anchor: name };
  }

  private sequence(items: readonly Node[], style: 1 | 2, anchor: { anchor?: string }): AstNode {
    const nodes = items.map((item) => this.node(item));
    return { kind: 'sequence', tag: 'tag:yaml.org,2002:seq', tagged: false, style, items: nodes, ...anchor };
  }

  private mapping({ entries, style }: MappingNode, anchor: { anchor?: string }): AstNode {
    const items = entries.map(({ key, value }) => ({ key: this.node(key), value: this.node(value) }));
    return { kind: 'mapping', tag: 'tag:yaml.org,2002:map', tagged: false, style, items, ...anchor };
  }
}

function scalarAst(node: ScalarNode, anchor: { anchor?: string }): AstNode {
  const { style, text: value } = node;
  if (node.tag !== undefined) {
    const tag = node.tag.replace('tag:yaml.org,2002:', '!!');
    return { kind: 'scalar', tag, tagged: true, style, value, ...anchor };
  }
  const isPlain = style === 1;
  const tag = isPlain ? CORE_SCHEMA.resolveImplicitScalarTag(value).tag.tagName : 'tag:yaml.org,2002:str';
  return { kind: 'scalar', tag, tagged: false, style, value, ...anchor };
}
