import { segmentsOf } from './fields.js';
import type { MappingNode, Node, ScalarNode } from './nodes.js';
import type { SourceText } from './source.js';

export interface Location {
  readonly source: SourceText;
  readonly offset: number;
  /** The value that was found: of the path itself, or of its nearest parent. */
  readonly node: Node;
  /** Whether the path itself is there. */
  readonly exact: boolean;
}

/**
 * Where the value of a dotted path stands. A path that is not there is told by its nearest parent's key, and
 * one at the top level by the start of the file.
 */
export function locate(root: MappingNode, path: string): Location {
  let node: Node = root;
  let key: ScalarNode | undefined;
  for (const segment of segmentsOf(path)) {
    const entry: { key?: ScalarNode; value: Node } | undefined = step(node, segment);
    if (!entry) return parentOf(node, key, node === root);
    node = entry.value;
    key = entry.key;
  }
  const at = node.kind === 'scalar' && node.absent && key ? key : node;
  return { source: at.source, offset: at.start, node, exact: true };
}

function step(node: Node, segment: string | number): { key?: ScalarNode; value: Node } | undefined {
  if (node.kind === 'mapping') return node.byKey.get(String(segment));
  const item = node.kind === 'sequence' ? node.items[Number(segment)] : undefined;
  return item && { value: item };
}

function parentOf(node: Node, key: ScalarNode | undefined, isRoot: boolean): Location {
  if (isRoot) return { source: node.source, offset: 0, node, exact: false };
  const at = holderOf(node, key);
  return { source: at.source, offset: at.start, node, exact: false };
}

/** Where a missing field is told: at its parent's key, or at the override that put the parent there. */
export function holderOf(parent: Node, key: ScalarNode | undefined): Node {
  return key?.source === parent.source ? key : parent;
}
