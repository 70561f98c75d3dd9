import type { CollectionStyle, ScalarStyle } from 'js-yaml';
import type { SourceText } from './source.js';

interface NodeBase {
  readonly source: SourceText;
  /** Offset of the first visible character: tag, anchor, quote, block header, bracket, or the value itself. */
  readonly start: number;
  /** The name other places refer to it by. */
  readonly anchor: string | undefined;
}

export interface ScalarNode extends NodeBase {
  readonly kind: 'scalar';
  readonly style: ScalarStyle;
  /** Decoded text: escapes resolved, folds joined. Of a plain scalar it is the source text. */
  readonly text: string;
  /** An explicit tag, in full (`tag:yaml.org,2002:str`). */
  readonly tag: string | undefined;
  /** Nothing is written here at all: the start is then where its key, or what came before, stands. */
  readonly absent: boolean;
}

export interface SequenceNode extends NodeBase {
  readonly kind: 'sequence';
  readonly style: CollectionStyle;
  readonly items: Node[];
}

export interface MapEntry {
  readonly key: ScalarNode;
  value: Node;
}

export interface MappingNode extends NodeBase {
  readonly kind: 'mapping';
  readonly style: CollectionStyle;
  /** In the order of the file; the key `<<` is kept here as it was written. */
  readonly entries: MapEntry[];
  /** Entries by key text, the first of each; what `<<` brings in is found here too. */
  readonly byKey: Map<string, MapEntry>;
}

export type Node = ScalarNode | SequenceNode | MappingNode;

/** Plain, untagged `<<`. */
export function isMergeKey(key: ScalarNode): boolean {
  return key.text === '<<' && key.style === 1 && key.tag === undefined;
}

/** What a mapping holds after merging: its own entries first, then what `<<` adds. */
export function entriesOf(node: MappingNode): Iterable<[string, MapEntry]> {
  return node.byKey;
}

/** A scalar without quotes, tag or anchor that no text spells out as it stands. */
export function plainScalar(text: string, source: SourceText, start: number): ScalarNode {
  return { kind: 'scalar', source, start, anchor: undefined, style: 1, text, tag: undefined, absent: false };
}

export function emptyMapping(source: SourceText, start: number): MappingNode {
  return { kind: 'mapping', source, start, anchor: undefined, style: 1, entries: [], byKey: new Map() };
}

/** A copy with an entry put in the place of the one of that name, or at the end. */
export function withEntry(node: MappingNode, entry: MapEntry): MappingNode {
  const name = entry.key.text;
  const old = node.byKey.get(name);
  const isOwn = node.entries.some((each) => each === old);
  const entries = isOwn
    ? node.entries.map((each) => (each === old ? entry : each))
    : [...node.entries, entry];
  return { ...node, anchor: undefined, entries, byKey: new Map([...node.byKey, [name, entry]]) };
}

export function withoutEntry(node: MappingNode, name: string): MappingNode {
  const byKey = new Map(node.byKey);
  byKey.delete(name);
  const entries = node.entries.filter((entry) => entry.key.text !== name);
  return { ...node, anchor: undefined, entries, byKey };
}
