import type { Colour, Style } from './style.js';
import { displayWidth, pad, truncate } from './width.js';

export interface Column {
  readonly title: string;
  readonly align?: 'left' | 'right';
  /** Columns of the terminal it takes at most, however long its cells are. */
  readonly most?: number;
  /** Columns it can be cut to on a narrow terminal; without it, it is never cut. */
  readonly least?: number;
  /** What gives way first on a narrow terminal, by being cut, then by being left out: the higher, the earlier. */
  readonly yields?: number;
}

/** Plain text in a cell, how it is painted, and where it leads. */
export interface Cell {
  readonly text: string;
  readonly colour?: Colour;
  readonly url?: string | null;
}

export type Row = readonly Cell[];

/** The columns that are shown, with their widths. */
export interface Layout {
  readonly shown: readonly { column: Column; index: number; width: number }[];
}

const gap = '  ';

/** Lines of a table: the titles, then the rows. Fits `width`, when there is one. */
export function table(
  columns: readonly Column[],
  rows: readonly Row[],
  style: Style,
  width?: number,
): string[] {
  const layout = layOut(columns, rows, width);
  return [titleLine(layout, style), ...rows.map((row) => rowLine(layout, row, style))];
}

/**
 * The width of each column: its widest cell, at most its own limit. Where all together are wider than `width`,
 * columns are cut in the order in which they yield; where that is not enough, some are left out.
 * @param before An earlier layout of the same table, whose columns do not get narrower.
 */
export function layOut(
  columns: readonly Column[],
  rows: readonly Row[],
  width?: number,
  before?: Layout,
): Layout {
  const sized = columns.map((column, index) => {
    const cells = rows.map((row) => displayWidth(row[index]?.text ?? ''));
    const widest = cells.reduce((most, each) => Math.max(most, each), displayWidth(column.title));
    const earlier = before?.shown.find((each) => each.index === index)?.width ?? 0;
    const natural = Math.max(Math.min(widest, column.most ?? widest), earlier);
    return { column, index, width: natural, least: Math.min(natural, column.least ?? natural) };
  });
  if (width === undefined) return { shown: sized };
  const inYieldingOrder = [...sized].sort((a, b) => (b.column.yields ?? 0) - (a.column.yields ?? 0));
  const kept = new Set(sized);
  for (const each of inYieldingOrder) {
    if (kept.size > 1 && total([...kept].map(({ least }) => least)) > width) kept.delete(each);
  }
  let excess = total([...kept].map((each) => each.width)) - width;
  for (const each of inYieldingOrder) {
    if (excess <= 0 || !kept.has(each)) continue;
    const given = Math.min(excess, each.width - each.least);
    each.width -= given;
    excess -= given;
  }
  return { shown: [...kept] };
}

function total(widths: readonly number[]): number {
  return widths.reduce((sum, each) => sum + each, 0) + gap.length * Math.max(0, widths.length - 1);
}

export function titleLine({ shown }: Layout, style: Style): string {
  const titles = shown.map(({ column, width }) => style.paint(pad(column.title, width, column.align), 'dim'));
  return titles.join(gap).trimEnd();
}

export function rowLine({ shown }: Layout, row: Row, style: Style): string {
  const cells = shown.map(({ column, index, width }, at) => {
    const { text, colour, url } = row[index] ?? { text: '' };
    const cut = truncate(text, width);
    const linked = style.link(colour === undefined ? cut : style.paint(cut, colour), url ?? null);
    const isLast = at === shown.length - 1;
    return isLast && column.align !== 'right' ? linked : pad(linked, width, column.align);
  });
  return cells.join(gap).trimEnd();
}
