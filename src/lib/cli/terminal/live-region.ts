import type { TextOutput } from '../../io.js';
import { displayWidth } from './width.js';

/** The lower part of a terminal, painted over again and again. */
export class LiveRegion {
  private height = 0;

  constructor(private readonly output: TextOutput) {}

  /** Replaces what was painted before. What would not fit the screen is cut, with a line that says so. */
  paint(text: string): void {
    const lines = text.replace(/\n$/, '').split('\n');
    const room = (this.output.rows ?? Number.POSITIVE_INFINITY) - 1;
    const rows = lines.map((line) => this.rowsOf(line));
    let kept = lines.length;
    let height = rows.reduce((sum, each) => sum + each, 0);
    const isCut = height > room;
    while (kept > 0 && height > room - 1 && isCut) height -= rows[--kept] ?? 0;
    const note = isCut ? [`… ${lines.length - kept} more lines`] : [];
    this.erase();
    this.output.write([...lines.slice(0, kept), ...note].map((line) => `${line}\n`).join(''));
    this.height = height + note.length;
  }

  /** Takes away what was painted; what is written next begins in its place. */
  erase(): void {
    if (this.height > 0) this.output.write(`\u001B[${this.height}A\r\u001B[J`);
    this.height = 0;
  }

  private rowsOf(line: string): number {
    const columns = this.output.columns ?? Number.POSITIVE_INFINITY;
    return Math.max(1, Math.ceil(displayWidth(line) / columns));
  }
}
