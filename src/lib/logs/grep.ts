import type { LogLine } from './line.js';

/**
 * Keeps the lines that match a pattern, and `context` lines of the same node around each. Works line by line,
 * so it can stand in a stream.
 */
export class Grep {
  /** Whether any line has matched. */
  found = false;
  private readonly nodes = new Map<number, { before: LogLine[]; after: number }>();

  constructor(
    private readonly pattern: RegExp,
    private readonly context: number,
  ) {}

  filter(lines: readonly LogLine[]): LogLine[] {
    return lines.flatMap((line) => this.take(line));
  }

  private take(line: LogLine): LogLine[] {
    const state = this.nodes.get(line.node) ?? { before: [], after: 0 };
    this.nodes.set(line.node, state);
    if (this.pattern.test(line.body)) {
      this.found = true;
      const lines = [...state.before, line];
      state.before = [];
      state.after = this.context;
      return lines;
    }
    if (state.after > 0) {
      state.after--;
      return [line];
    }
    state.before.push(line);
    if (state.before.length > this.context) state.before.shift();
    return [];
  }
}
