import {
  COLLECTION_STYLE,
  EVENT_ID,
  getScalarValue,
  loadAll,
  parseEvents,
  SCALAR_STYLE,
  type Event,
  type ScalarEvent,
} from 'js-yaml';

/**
 * The same YAML with every string of several lines as a literal block, so that a command reads as it runs.
 * Nothing else of the text is touched: order, comments and other styles stay. A string that cannot be a literal
 * (a line ends in a space, or it stands in `[]` or `{}`) stays as it is, and so does text that is no YAML.
 */
export function withLiteralBlocks(yaml: string): string {
  try {
    const changed = rewrite(yaml, parseEvents(yaml, {}));
    return JSON.stringify(loadAll(changed)) === JSON.stringify(loadAll(yaml)) ? changed : yaml;
  } catch {
    return yaml;
  }
}

interface Parent {
  /** Column of its keys or dashes; null where no block can stand. */
  readonly column: number | null;
  readonly isMapping: boolean;
  children: number;
}

function rewrite(source: string, events: readonly Event[]): string {
  const parents: Parent[] = [];
  let result = '';
  let copied = 0;
  for (const event of events) {
    if (event.type === EVENT_ID.POP) {
      parents.pop();
      continue;
    }
    const parent = parents.at(-1);
    const isKey = parent?.isMapping === true && parent.children % 2 === 0;
    if (parent) parent.children++;
    if (event.type === EVENT_ID.DOCUMENT) {
      parents.push({ column: null, isMapping: false, children: 0 });
    } else if (event.type === EVENT_ID.MAPPING || event.type === EVENT_ID.SEQUENCE) {
      const column = event.style === COLLECTION_STYLE.BLOCK ? columnOf(source, event.start) : null;
      parents.push({ column, isMapping: event.type === EVENT_ID.MAPPING, children: 0 });
    } else if (event.type === EVENT_ID.SCALAR && !isKey && parent && parent.column !== null) {
      const block = literalBlock(source, event, parent.column + 2);
      if (!block) continue;
      result += source.slice(copied, block.start) + block.text;
      copied = block.end;
    }
  }
  return result + source.slice(copied);
}

function columnOf(source: string, offset: number): number {
  return offset - (source.lastIndexOf('\n', offset - 1) + 1);
}

/** A scalar as a literal block and the range of the source it replaces; undefined when it should stay. */
function literalBlock(
  source: string,
  event: ScalarEvent,
  indent: number,
): { start: number; end: number; text: string } | undefined {
  if (event.style === SCALAR_STYLE.LITERAL_BLOCK || event.valueStart < 0) return undefined;
  const value = getScalarValue(source, event);
  if (!canBeLiteral(value)) return undefined;
  const isFolded = event.style === SCALAR_STYLE.FOLDED_BLOCK;
  const quote = event.style === SCALAR_STYLE.PLAIN || isFolded ? 0 : 1;
  const start = isFolded ? source.lastIndexOf('>', event.valueStart) : event.valueStart - quote;
  const end = isFolded ? event.valueEnd : lineEnd(source, event.valueEnd + quote);
  const comment = isFolded ? '' : source.slice(event.valueEnd + quote, end).trimEnd();
  if (!/^(\s+#.*)?$/.test(comment)) return undefined;
  const body = value.replace(/\n+$/, '');
  const trailing = value.length - body.length;
  const margin = ' '.repeat(indent);
  const lines = body.split('\n').map((line) => (line === '' ? '' : margin + line));
  const chomping = ['-', ''][trailing] ?? '+';
  const header = `|${/^\s/.test(body) ? 2 : ''}${chomping}${comment}`;
  const ending = '\n'.repeat(Math.max(0, trailing - 1) + (isFolded ? 1 : 0));
  return { start, end, text: `${header}\n${lines.join('\n')}${ending}` };
}

const onlyInQuotes = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u2028\u2029\uFEFF]/;

/** Several lines, none of which ends in white space, and nothing that only quotes can carry. */
function canBeLiteral(value: string): boolean {
  return (
    value.includes('\n') && value.trim() !== '' && !/[^\S\n](\n|$)/.test(value) && !onlyInQuotes.test(value)
  );
}

function lineEnd(source: string, offset: number): number {
  const end = source.indexOf('\n', offset);
  return end === -1 ? source.length : end;
}
