import type { TextOutput } from '../../io.js';
import { displayWidth } from './width.js';

/** The lower part of a terminal, painted over again and again. */
export class LiveRegion {
  private painted: readonly string[] = [];

  constructor(private readonly output: TextOutput) {}

  /** Replaces what was painted before. What would not fit the screen is cut, with a line that says so. */
  paint(text: string): void {
    const lines = text.replace(/\n$/, '').split('\n');
    const room = (this.output.rows ?? Number.POSITIVE_INFINITY) - 1;
    const shown = [...lines];
    if (this.heightOf(lines) > room) {
      while (shown.length > 0 && this.heightOf(shown) > room - 1) shown.pop();
      shown.push(`… ${lines.length - shown.length} more lines`);
    }
    this.erase();
    this.output.write(shown.map((line) => `${line}\n`).join(''));
    this.painted = shown;
  }

  /**
   * Takes away what was painted; what is written next begins in its place. The height is that of now: a terminal
   * whose width has changed has laid its lines out anew.
   */
  erase(): void {
    const height = this.heightOf(this.painted);
    if (height > 0) this.output.write(`\u001B[${height}A\r\u001B[J`);
    this.painted = [];
  }

  private heightOf(lines: readonly string[]): number {
    const columns = this.output.columns ?? Number.POSITIVE_INFINITY;
    return lines.reduce((sum, line) => sum + Math.max(1, Math.ceil(displayWidth(line) / columns)), 0);
  }
}
