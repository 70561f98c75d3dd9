import type { ReviewedNode } from '../../logs/review.js';
import { lastState, safeForTerminal } from './log-text.js';
import type { Style } from '../terminal/style.js';

/** Each node's last lines under a title, with a mark before those that look like errors. */
export function reviewText(nodes: readonly ReviewedNode[], style: Style): string {
  return nodes.map((node) => nodeText(node, style)).join('\n');
}

function nodeText({ node, lines }: ReviewedNode, style: Style): string {
  const marked = lines.filter((line) => line.marked).length;
  const count = lines.length === 1 ? 'the last line' : `the last ${lines.length} lines`;
  const title = lines.length === 0 ? 'no lines' : `${count}, ${marked} marked`;
  const body = lines.map(({ line, marked: isMarked }) => {
    const text = safeForTerminal(lastState(line), style);
    return isMarked ? style.paint(`! ${text}`, 'red') : `  ${text}`;
  });
  return `${[style.paint(`Node ${node}: ${title}`, 'bold'), ...body].join('\n')}\n`;
}
