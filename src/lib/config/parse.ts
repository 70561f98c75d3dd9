import { EVENT_ID, getScalarValue, parseEvents, YAMLException, type Event, type ScalarEvent } from 'js-yaml';
import { Anchors } from './anchors.js';
import { emptyItemStart, propertyStart, scalarStart } from './beginnings.js';
import { pathOf } from './fields.js';
import {
  isMergeKey,
  plainScalar,
  type MapEntry,
  type MappingNode,
  type Node,
  type ScalarNode,
} from './nodes.js';
import type { Problem } from './problem.js';
import type { SourceText } from './source.js';
import { deepestNesting, syntaxProblem } from './syntax.js';
import { fullTag, isCoreTag, tagHandlesOf, type TagHandles } from './tags.js';

export interface ParsedText {
  /** Undefined when there is no value (an empty text), or none that can be used. */
  readonly root: Node | undefined;
  readonly problems: Problem[];
}

/** Keys that `<<` may bring in, over the whole text. */
const mostMerged = 10_000;

/**
 * Values and their places from one pass over the parser's events. `base` is where `yaml` begins in the
 * source. A broken syntax is one problem, since nothing behind it can be trusted; everything else is
 * collected.
 */
export function parseYaml(source: SourceText, yaml: string = source.text, base = 0): ParsedText {
  let events: Event[];
  try {
    events = parseEvents(yaml, { maxDepth: deepestNesting });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    return { root: undefined, problems: [syntaxProblem(error, source, yaml, base)] };
  }
  return new TreeBuilder(source, yaml, base).build(events);
}

interface Frame {
  readonly node: Exclude<Node, ScalarNode>;
  key: ScalarNode | undefined;
  /** A key that cannot be used was read: the value that follows is dropped. */
  dropsValue: boolean;
  /** Characters below this node when every alias is written out. */
  weight: number;
}

class TreeBuilder {
  private readonly problems: Problem[] = [];
  private readonly stack: Frame[] = [];
  private readonly anchors = new Anchors();
  private root: Node | undefined;
  private documents = 0;
  private previousEnd = 0;
  private merged = 0;
  private tagHandles: TagHandles = {};

  constructor(
    private readonly source: SourceText,
    private readonly yaml: string,
    private readonly base: number,
  ) {}

  build(events: readonly Event[]): ParsedText {
    for (const event of events) {
      switch (event.type) {
        case EVENT_ID.DOCUMENT:
          this.documents++;
          if (this.documents > 1) return this.refuseSecondDocument();
          this.tagHandles = tagHandlesOf(event);
          this.stack.length = 0;
          break;
        case EVENT_ID.SCALAR:
          this.scalar(event);
          break;
        case EVENT_ID.ALIAS:
          this.alias(event.anchorStart, event.anchorEnd);
          break;
        case EVENT_ID.SEQUENCE:
        case EVENT_ID.MAPPING:
          this.open(event);
          break;
        case EVENT_ID.POP:
          this.close();
      }
      if (this.anchors.isExhausted) return { root: undefined, problems: this.problems };
    }
    return { root: this.root, problems: this.problems };
  }

  private report(offset: number, message: string, hint?: string, unread = false): void {
    this.problems.push({ path: this.path(), source: this.source, offset, message, hint, unread });
  }

  /** The path of what is being read. */
  private path(): string {
    return this.stack.reduce((path, { node, key }) => {
      if (node.kind === 'sequence') return pathOf(path, node.items.length);
      return key === undefined ? path : pathOf(path, key.text);
    }, '');
  }

  private refuseSecondDocument(): ParsedText {
    const marker = this.yaml.indexOf('---', this.previousEnd);
    this.report(
      this.base + (marker === -1 ? this.previousEnd : marker),
      'A second YAML document starts here: a workload file holds exactly one.',
      'Remove this line, or put what follows into a file of its own.',
    );
    return { root: undefined, problems: this.problems };
  }

  private scalar(event: ScalarEvent): void {
    const start = scalarStart(this.yaml, event, this.previousEnd);
    const node: ScalarNode = {
      kind: 'scalar',
      source: this.source,
      start: start === -1 ? this.absentStart() : this.base + start,
      anchor: this.anchorName(event),
      style: event.style,
      text: getScalarValue(this.yaml, event),
      tag: this.tagOf(event, 'scalar'),
      absent: event.valueStart === -1,
    };
    if (event.valueEnd > this.previousEnd) this.previousEnd = event.valueEnd;
    const weight = node.text.length + 1;
    this.anchors.add(node, weight);
    this.add(node, weight);
  }

  /** Where a value stands of which nothing is written: at its key, or at the dash of its list item. */
  private absentStart(): number {
    return this.stack.at(-1)?.key?.start ?? this.base + emptyItemStart(this.yaml, this.previousEnd);
  }

  private open(event: Extract<Event, { style: unknown; start: number }>): void {
    const kind = event.type === EVENT_ID.SEQUENCE ? 'sequence' : 'mapping';
    this.tagOf(event, kind);
    const property = propertyStart(event);
    const start = this.base + (property === -1 ? event.start : property);
    const { source } = this;
    const { style } = event;
    const anchor = this.anchorName(event);
    const node: Exclude<Node, ScalarNode> =
      kind === 'sequence'
        ? { kind, source, start, anchor, style, items: [] }
        : { kind, source, start, anchor, style, entries: [], byKey: new Map<string, MapEntry>() };
    if (event.start > this.previousEnd) this.previousEnd = event.start;
    this.anchors.open(node);
    this.stack.push({ node, key: undefined, dropsValue: false, weight: 1 });
  }

  private close(): void {
    const frame = this.stack.pop();
    if (!frame) return;
    const { node, weight } = frame;
    if (node.kind === 'mapping') this.merge(node);
    this.anchors.close(node, weight);
    this.add(node, weight);
  }

  private alias(start: number, end: number): void {
    const name = this.yaml.slice(start, end);
    const offset = this.base + start - 1;
    this.previousEnd = end;
    const found = this.anchors.resolve(name);
    if ('node' in found) {
      this.add(found.node, found.weight);
      return;
    }
    this.report(offset, found.message, found.hint, true);
    // Stands for what could not be read, so that the rest of the file can be checked.
    this.add(plainScalar('', this.source, offset), 1);
  }

  private add(node: Node, weight: number): void {
    const frame = this.stack.at(-1);
    if (!frame) {
      this.root = node;
      return;
    }
    frame.weight += weight;
    if (frame.node.kind === 'sequence') frame.node.items.push(node);
    else if (frame.dropsValue) frame.dropsValue = false;
    else if (frame.key === undefined) this.key(frame, node);
    else this.entry(frame, frame.node, frame.key, node);
  }

  private key(frame: Frame, node: Node): void {
    if (node.kind === 'scalar') {
      frame.key = node;
      return;
    }
    this.report(
      node.start,
      'A key is a single word or text, not a list or a map.',
      'Text that begins with { or [ needs quotes.',
      true,
    );
    frame.dropsValue = true;
  }

  private entry(frame: Frame, node: MappingNode, key: ScalarNode, value: Node): void {
    const first = node.byKey.get(key.text);
    if (first !== undefined && !isMergeKey(key)) {
      const [earlier, later] = [first.key, key].map((each) => this.source.placeOf(each.start).line);
      this.report(
        key.start,
        `The key ${JSON.stringify(key.text)} is here a second time: it is on line ${earlier} and on line ${later}.`,
        'Keep one of the two.',
      );
      frame.key = undefined;
      return;
    }
    frame.key = undefined;
    const entry = { key, value };
    node.entries.push(entry);
    if (!isMergeKey(key)) node.byKey.set(key.text, entry);
  }

  /** Adds what `<<` refers to: keys of the mapping itself win, then those of earlier sources. */
  private merge(node: MappingNode): void {
    for (const { key, value } of node.entries) {
      if (!isMergeKey(key)) continue;
      const sources = value.kind === 'sequence' ? value.items : [value];
      for (const source of sources) {
        if (source.kind !== 'mapping') {
          this.report(source.start, '"<<" takes a map, or a list of maps, usually by an alias.');
          continue;
        }
        this.merged += source.byKey.size;
        if (this.merged > mostMerged) {
          this.report(key.start, `The "<<" keys of this text bring in more than ${mostMerged} keys.`);
          return;
        }
        for (const [name, entry] of source.byKey) if (!node.byKey.has(name)) node.byKey.set(name, entry);
      }
    }
  }

  private anchorName(event: { anchorStart: number; anchorEnd: number }): string | undefined {
    return event.anchorStart === -1 ? undefined : this.yaml.slice(event.anchorStart, event.anchorEnd);
  }

  private tagOf(event: { tagStart: number; tagEnd: number }, kind: Node['kind']): string | undefined {
    if (event.tagStart === -1) return undefined;
    const written = this.yaml.slice(event.tagStart, event.tagEnd);
    const tag = fullTag(written, this.tagHandles);
    if (!isCoreTag(tag, kind)) {
      this.report(this.base + event.tagStart, `The tag ${written} cannot be used here.`, 'Remove it.');
    }
    return tag;
  }
}
