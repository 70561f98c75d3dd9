import type { Style } from './style.js';
import { displayWidth, pad } from './width.js';

const sidePadding = 2;
const leastInnerWidth = 60;
/** Columns that a box takes beside its content: two borders and the padding. */
const frameWidth = 2 + 2 * sidePadding;

/** Columns that content may take in a box on an output of this width; without limit when it has none. */
export function contentLimit(columns: number | undefined): number {
  return columns === undefined ? Number.POSITIVE_INFINITY : Math.max(10, columns - frameWidth);
}

/** A rounded box around lines that fit {@link contentLimit}, with a title in its upper edge. */
export function box(title: string, lines: readonly string[], style: Style, columns?: number): string {
  const widest = Math.max(displayWidth(title) + 2, ...lines.map(displayWidth));
  const inner = Math.max(Math.min(leastInnerWidth, contentLimit(columns)), widest);
  const line = (length: number) => '─'.repeat(Math.max(0, length));
  const edge = (text: string) => style.paint(text, 'magenta');
  const top = `${edge('╭─')} ${style.paint(title, 'bold')} ${edge(`${line(inner + frameWidth - 5 - displayWidth(title))}╮`)}`;
  const row = (text: string) => `${edge('│')}  ${pad(text, inner)}  ${edge('│')}`;
  const bottom = edge(`╰${line(inner + frameWidth - 2)}╯`);
  return `${[top, row(''), ...lines.map(row), row(''), bottom].join('\n')}\n`;
}
