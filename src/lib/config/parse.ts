import {
  EVENT_ID,
  getScalarValue,
  parseEvents,
  SCALAR_STYLE,
  YAMLException,
  type Event,
  type ScalarEvent,
} from 'js-yaml';
import {
  isMergeKey,
  plainScalar,
  type MapEntry,
  type MappingNode,
  type Node,
  type ScalarNode,
} from './nodes.js';
import { pathOf } from './fields.js';
import type { Problem } from './problem.js';
import { typeOfTag } from './scalars.js';
import type { SourceText } from './source.js';
import { deepestNesting, syntaxProblem } from './syntax.js';

export interface ParsedText {
  /** Undefined when there is no value (an empty text), or none that can be used. */
  readonly root: Node | undefined;
  readonly problems: Problem[];
}

/** Characters that aliases may add to a text when they are written out. */
const mostExpanded = 4 * 1024 * 1024;
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
  private readonly anchors = new Map<string, { node: Node; weight: number; open: boolean }>();
  private root: Node | undefined;
  private documents = 0;
  private previousEnd = 0;
  private expanded = 0;
  private merged = 0;
  private tagHandles: Readonly<Record<string, string>> = {};

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
          this.tagHandles = Object.fromEntries(
            event.directives.flatMap((d) => (d.kind === 'tag' ? [[d.handle, d.prefix]] : [])),
          );
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
      if (this.expanded > mostExpanded) return { root: undefined, problems: this.problems };
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
    const absent = event.valueStart === -1;
    const start = this.startOf(event);
    const key = this.expectedKey();
    const node: ScalarNode = {
      kind: 'scalar',
      source: this.source,
      start: start === -1 ? (key?.start ?? this.emptyPlace()) : this.base + start,
      anchor: this.anchorName(event),
      style: event.style,
      text: getScalarValue(this.yaml, event),
      tag: this.tagOf(event, 'scalar'),
      absent,
    };
    if (event.valueEnd > this.previousEnd) this.previousEnd = event.valueEnd;
    const weight = node.text.length + 1;
    if (node.anchor !== undefined) this.anchors.set(node.anchor, { node, weight, open: false });
    this.add(node, weight);
  }

  /** The key whose value comes next. */
  private expectedKey(): ScalarNode | undefined {
    return this.stack.at(-1)?.key;
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
    if (node.anchor !== undefined) this.anchors.set(node.anchor, { node, weight: 0, open: true });
    this.stack.push({ node, key: undefined, dropsValue: false, weight: 1 });
  }

  private close(): void {
    const frame = this.stack.pop();
    if (!frame) return;
    const { node, weight } = frame;
    if (node.kind === 'mapping') this.merge(node);
    if (node.anchor !== undefined) {
      const anchor = this.anchors.get(node.anchor);
      if (anchor?.node === node) this.anchors.set(node.anchor, { node, weight, open: false });
    }
    this.add(node, weight);
  }

  private alias(start: number, end: number): void {
    const name = this.yaml.slice(start, end);
    const anchor = this.anchors.get(name);
    const offset = this.base + start - 1;
    this.previousEnd = end;
    if (anchor === undefined) {
      this.report(
        offset,
        `*${name} refers to an anchor &${name} that is nowhere before it.`,
        `For text that begins with a star, write: "*${name}"`,
        true,
      );
    } else if (anchor.open) {
      this.report(
        offset,
        `*${name} stands inside of &${name}: a value cannot contain itself.`,
        undefined,
        true,
      );
    } else {
      this.expanded += anchor.weight;
      if (this.expanded > mostExpanded) {
        this.report(
          offset,
          `The aliases of this text stand for more than ${mostExpanded / 1024 / 1024} Mi characters.`,
          'Write smaller values, or fewer aliases.',
        );
        return;
      }
      this.add(anchor.node, anchor.weight);
      return;
    }
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
    const tag = this.fullTag(written);
    const known =
      kind === 'scalar'
        ? typeOfTag(tag) !== undefined
        : tag === '!' || tag === `tag:yaml.org,2002:${kind === 'mapping' ? 'map' : 'seq'}`;
    if (!known) {
      this.report(this.base + event.tagStart, `The tag ${written} cannot be used here.`, 'Remove it.');
    }
    return tag;
  }

  private fullTag(written: string): string {
    if (written.startsWith('!<')) return written.slice(2, -1);
    const handle = /^!(?:[\w-]*!)?/.exec(written)?.[0] ?? '!';
    const prefix = this.tagHandles[handle] ?? (handle === '!!' ? 'tag:yaml.org,2002:' : handle);
    return prefix + written.slice(handle.length);
  }

  /** First visible character of a scalar within the text; -1 when nothing is written. */
  private startOf(event: ScalarEvent): number {
    const property = propertyStart(event);
    if (property !== -1) return property;
    if (event.valueStart === -1) return -1;
    switch (event.style) {
      case SCALAR_STYLE.SINGLE_QUOTED:
      case SCALAR_STYLE.DOUBLE_QUOTED:
        return event.valueStart - 1;
      case SCALAR_STYLE.LITERAL_BLOCK:
      case SCALAR_STYLE.FOLDED_BLOCK:
        return this.blockHeader(event.valueStart);
      default:
        return event.valueStart;
    }
  }

  /** The `|` or `>` of a block scalar: it stands on the line before the text, after what came before. */
  private blockHeader(valueStart: number): number {
    const lineEnd =
      /\r?[\n\r]$/.exec(this.yaml.slice(Math.max(0, valueStart - 2), valueStart))?.[0].length ?? 0;
    const lineStart = this.yaml.lastIndexOf('\n', valueStart - lineEnd - 1) + 1;
    const from = Math.max(lineStart, Math.min(this.previousEnd, valueStart));
    const offset = this.yaml.slice(from, valueStart).search(/[|>]/);
    return offset === -1 ? valueStart : from + offset;
  }

  /** Where an empty list item stands: at its dash. */
  private emptyPlace(): number {
    const match = /^(?:[ \t\r\n,\]]|#[^\n]*)*/.exec(
      this.yaml.slice(this.previousEnd, this.previousEnd + 4096),
    );
    return (
      this.base + Math.min(this.previousEnd + (match?.[0].length ?? 0), Math.max(0, this.yaml.length - 1))
    );
  }
}

/** Where the tag or the anchor of a value begins, whichever comes first; -1 without them. */
function propertyStart({ tagStart, anchorStart }: { tagStart: number; anchorStart: number }): number {
  if (anchorStart === -1) return tagStart;
  return tagStart === -1 ? anchorStart - 1 : Math.min(tagStart, anchorStart - 1);
}
