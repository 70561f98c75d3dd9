import { SCALAR_STYLE, type ScalarEvent } from 'js-yaml';

/** Where the tag or the anchor of a value begins, whichever comes first; -1 without them. */
export function propertyStart({ tagStart, anchorStart }: { tagStart: number; anchorStart: number }): number {
  if (anchorStart === -1) return tagStart;
  return tagStart === -1 ? anchorStart - 1 : Math.min(tagStart, anchorStart - 1);
}

/**
 * The first visible character of a scalar: its tag, anchor, quote, `|` or `>`, or the value itself; -1 when
 * nothing is written. `previousEnd` is where what stands before it ends.
 */
export function scalarStart(yaml: string, event: ScalarEvent, previousEnd: number): number {
  const property = propertyStart(event);
  if (property !== -1) return property;
  if (event.valueStart === -1) return -1;
  switch (event.style) {
    case SCALAR_STYLE.SINGLE_QUOTED:
    case SCALAR_STYLE.DOUBLE_QUOTED:
      return event.valueStart - 1;
    case SCALAR_STYLE.LITERAL_BLOCK:
    case SCALAR_STYLE.FOLDED_BLOCK:
      return blockHeader(yaml, event.valueStart, previousEnd);
    default:
      return event.valueStart;
  }
}

/** The `|` or `>` of a block scalar: it stands on the line before the text, after what came before. */
function blockHeader(yaml: string, valueStart: number, previousEnd: number): number {
  const lineEnd = /\r?[\n\r]$/.exec(yaml.slice(Math.max(0, valueStart - 2), valueStart))?.[0].length ?? 0;
  const lineStart = yaml.lastIndexOf('\n', valueStart - lineEnd - 1) + 1;
  const from = Math.max(lineStart, Math.min(previousEnd, valueStart));
  const offset = yaml.slice(from, valueStart).search(/[|>]/);
  return offset === -1 ? valueStart : from + offset;
}

/** Where an empty list item stands: at its dash. */
export function emptyItemStart(yaml: string, previousEnd: number): number {
  const between = /^(?:[ \t\r\n,\]]|#[^\n]*)*/.exec(yaml.slice(previousEnd, previousEnd + 4096));
  return Math.min(previousEnd + (between?.[0].length ?? 0), Math.max(0, yaml.length - 1));
}
