import type { LogLine } from '../../logs/line.js';
import type { Colour, Style } from '../terminal/style.js';

const nodeColours: readonly Colour[] = ['cyan', 'magenta', 'green', 'amber', 'blue'];

/** What stands before a line of a run with several nodes: `[node 3] `, aligned for `nodeCount` nodes. */
export function nodePrefix(node: number, nodeCount: number, style: Style): string {
  const width = String(Math.max(nodeCount - 1, 0)).length;
  const colour = nodeColours[node % nodeColours.length] ?? 'cyan';
  return `${style.paint(`[node ${String(node).padStart(width)}]`, colour)} `;
}

/**
 * A line that only moves a progress bar on: one state with a carriage return before it. A line of several states
 * is one that was ended, and one with a carriage return behind it has the line end of another system.
 */
export function isProgressUpdate({ body }: LogLine): boolean {
  return redraws(body) && !body.includes('\r', 1);
}

/** Whether a line is drawn over the state of a progress bar before it. */
export function redraws(body: string): boolean {
  return body.startsWith('\r') && body !== '\r';
}

/** What a screen would show of a line in the end: the text after its last carriage return that is followed by any. */
export function lastState(body: string): string {
  if (!body.includes('\r')) return body;
  const text = body.replace(/\r+$/, '');
  return text.slice(text.lastIndexOf('\r') + 1);
}

const controls = /[\u0000-\u001A\u001C-\u001F\u007F-\u009F]|\u001B/;
const escapeSequence =
  /\u001B\[[0-9;:<=>?]*[ -/]*[@-~]|\u001B[\]PX^_][^\u0007\u001B]*(?:\u0007|\u001B\\)?|\u001B[ -/]*[0-~]?/g;
const colourSequence = /^\u001B\[[0-9;:]*m$/;
const otherControls = /[\u0000-\u0008\u000A-\u001A\u001C-\u001F\u007F-\u009F]/g;

/**
 * A line as it may reach a terminal: of all escape sequences only colour passes, and only where colour is
 * wanted; other control characters are shown in caret notation, so that nothing in a workload's output can
 * move the cursor, set the title or write to the clipboard.
 */
export function safeForTerminal(text: string, style: Style): string {
  if (!controls.test(text)) return text;
  let coloured = false;
  const shown = text
    .replace(escapeSequence, (sequence) => {
      if (!style.colour || !colourSequence.test(sequence)) return '';
      coloured = true;
      return sequence;
    })
    .replace(otherControls, caret);
  return coloured ? `${shown}\u001B[0m` : shown;
}

function caret(control: string): string {
  const code = control.charCodeAt(0);
  return code < 0x80 ? `^${String.fromCharCode(code ^ 0x40)}` : '\uFFFD';
}
