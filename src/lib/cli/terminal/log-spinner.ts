import type { TextOutput } from '../../io.js';
import { printable } from './printable.js';

const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const frameTime = 80;
const patience = 300;

/** A line on a terminal that says what is being waited for. Shown only when the wait is long enough to notice. */
export class LogSpinner {
  private timer: NodeJS.Timeout | undefined;
  private text = '';
  private frame = 0;
  private drawn = false;
  private readonly begun = Date.now();
  /** Measures text; loading it costs more than a short wait, so only a terminal gets it, while waiting. */
  private fit: ((text: string, columns: number) => string) | undefined;

  constructor(private readonly output: TextOutput) {}

  show(text: string): void {
    this.text = printable(text.replaceAll('\n', ' '));
    if (this.timer || !this.output.isTTY) return;
    this.timer = setInterval(() => void this.draw(), frameTime);
    this.timer.unref();
  }

  /** Takes the line away; what is written next begins in its place. */
  clear(): void {
    clearInterval(this.timer);
    this.timer = undefined;
    if (this.drawn) this.output.write('\r\u001B[2K');
    this.drawn = false;
  }

  private async draw(): Promise<void> {
    if (Date.now() - this.begun < patience) return;
    this.fit ??= (await import('./log-width.js')).truncateToWidth;
    if (this.timer === undefined) return;
    const frame = frames[this.frame++ % frames.length] ?? '';
    const line = this.fit(`${frame} ${this.text}`, (this.output.columns ?? 80) - 1);
    this.output.write(`\r\u001B[2K${line}`);
    this.drawn = true;
  }
}
