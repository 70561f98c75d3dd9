import type { Colour, Style } from './style.js';
import { displayWidth, pad, truncate } from './width.js';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Columns it takes at most, however long its cells are. */
  readonly most?: number;
  /** Gives way first when the terminal is too narrow: the higher, the earlier. */
  readonly yields?: number;
}

/** Plain text in a cell, how it is painted, and where it leads. */
export interface Cell {
  readonly text: string;
  readonly colour?: Colour;
  readonly url?: string | null;
}

const gap = '  ';
const leastWidth = 4;

/** Lines of a table: the titles, then the rows. Fits `width`, when there is one, by cutting cells. */
export function table(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  style: Style,
  width?: number,
): string[] {
  const widths = columnWidths(columns, rows, width);
  return [titleLine(columns, widths, style), ...rows.map((row) => rowLine(columns, row, widths, style))];
}

/** The width of each column: its widest cell, at most its own limit, all together at most `width`. */
export function columnWidths(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  width?: number,
): number[] {
  const widths = columns.map((column, index) => {
    const cells = rows.map((row) => displayWidth(row[index]?.text ?? ''));
    const widest = cells.reduce((most, each) => Math.max(most, each), displayWidth(column.title));
    return Math.min(widest, column.most ?? widest);
  });
  if (width !== undefined) shrink(columns, widths, width);
  return widths;
}

/** Takes columns away one at a time, from the widest of those that yield first. */
function shrink(columns: readonly Column[], widths: number[], width: number): void {
  let excess = widths.reduce((sum, each) => sum + each, 0) + gap.length * (widths.length - 1) - width;
  const ranks = [...new Set(columns.map((column) => column.yields ?? 0))].sort((a, b) => b - a);
  for (const rank of ranks) {
    while (excess > 0) {
      let widest = -1;
      for (const [index, column] of columns.entries()) {
        if ((column.yields ?? 0) !== rank || (widths[index] ?? 0) <= leastWidth) continue;
        if (widest === -1 || (widths[index] ?? 0) > (widths[widest] ?? 0)) widest = index;
      }
      if (widest === -1) break;
      widths[widest] = (widths[widest] ?? 0) - 1;
      excess--;
    }
  }
}

export function titleLine(columns: readonly Column[], widths: readonly number[], style: Style): string {
  const titles = columns.map((column) => ({ text: column.title, colour: 'dim' as const }));
  return rowLine(columns, titles, widths, style);
}

export function rowLine(
  columns: readonly Column[],
  row: readonly Cell[],
  widths: readonly number[],
  style: Style,
): string {
  return columns
    .map((column, index) => {
      const cell = row[index] ?? { text: '' };
      const width = widths[index] ?? 0;
      const text = truncate(cell.text, width);
      const painted = cell.colour === undefined ? text : style.paint(text, cell.colour);
      const linked = style.link(painted, cell.url ?? null);
      const isLast = index === columns.length - 1;
      return isLast && column.align !== 'right'
        ? linked
        : pad(linked, width, column.align === 'right' ? 'right' : 'left');
    })
    .join(gap)
    .trimEnd();
}
