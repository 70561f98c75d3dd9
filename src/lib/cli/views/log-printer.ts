import type { TextOutput } from '../../io.js';
import { isFatalLine } from '../../logs/alerts.js';
import type { LogLine } from '../../logs/line.js';
import { isProgressUpdate, lastState, nodePrefix, redraws, safeForTerminal } from './log-text.js';
import type { Style } from '../terminal/style.js';
import { truncateToWidth } from '../terminal/log-width.js';

export interface PrinterOptions {
  readonly output: TextOutput;
  readonly style: Style;
}

/**
 * Prints lines of logs as text. A progress bar is redrawn in place on a terminal; elsewhere only its last
 * state is printed, when the next line of its node comes.
 */
export class LogPrinter {
  /** The last state of each node's progress bar whose line has not come: not printed yet (pipe), or drawn (terminal). */
  private readonly bars = new Map<number, string>();
  /** The node whose progress bar stands on the terminal's last line. */
  private openNode: number | null = null;
  /** With a count above one each line is prefixed with its node. */
  nodeCount = 1;

  constructor(private readonly options: PrinterOptions) {}

  print(lines: readonly LogLine[]): void {
    this.options.output.write(lines.map((line) => this.textOf(line)).join(''));
  }

  /** Ends an open progress bar, so that something else can be written below it. */
  breakLine(): void {
    if (this.openNode !== null) this.options.output.write(this.closeBar());
  }

  /** Prints what is still held back. */
  finish(): void {
    let text = this.closeBar();
    for (const node of this.bars.keys()) text += this.release(node);
    if (text !== '') this.options.output.write(text);
  }

  private textOf(line: LogLine): string {
    if (isProgressUpdate(line)) return this.update(line);
    const before = this.endsBar(line)
      ? this.replaceBar(line.node)
      : this.closeBar() + this.release(line.node);
    return `${before}${this.render(line)}\n`;
  }

  /** Whether the line is the one of which the node's progress bar showed a state. */
  private endsBar({ node, body }: LogLine): boolean {
    const state = this.bars.get(node);
    if (redraws(body)) return true;
    return state !== undefined && (body.startsWith(state) || body.includes(`\r${state}`));
  }

  private render(line: Pick<LogLine, 'node' | 'body'>): string {
    const { output, style } = this.options;
    const state = lastState(line.body);
    let text = output.isTTY ? safeForTerminal(state, style) : state;
    if (style.colour && isFatalLine(state)) text = style.paint(style.paint(text, 'red'), 'bold');
    return this.nodeCount > 1 ? nodePrefix(line.node, this.nodeCount, style) + text : text;
  }

  private update(line: LogLine): string {
    const state = lastState(line.body);
    if (state !== '') this.bars.set(line.node, state);
    if (!this.options.output.isTTY) return '';
    const before = this.openNode === null || this.openNode === line.node ? '' : this.closeBar();
    this.openNode = line.node;
    return `${before}\r\u001B[2K${truncateToWidth(this.render(line), (this.options.output.columns ?? 80) - 1)}`;
  }

  /** Makes room for the last state of a node's bar: the states before it go. */
  private replaceBar(node: number): string {
    this.bars.delete(node);
    if (this.openNode !== node) return this.closeBar();
    this.openNode = null;
    return '\r\u001B[2K';
  }

  /** What was held back of a node's bar. On a terminal it was drawn. */
  private release(node: number): string {
    const state = this.bars.get(node);
    this.bars.delete(node);
    return state === undefined || this.options.output.isTTY ? '' : `${this.render({ node, body: state })}\n`;
  }

  private closeBar(): string {
    if (this.openNode === null) return '';
    this.openNode = null;
    return '\n';
  }
}
