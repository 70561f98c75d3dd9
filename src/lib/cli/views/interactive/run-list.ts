import type { RunSummary } from '../../../runs/summary.js';
import { runCells, runColumns } from '../run-table.js';
import type { Style } from '../../terminal/style.js';
import { layOut, rowLine, titleLine } from '../../terminal/table.js';
import { displayWidth, truncate } from '../../terminal/width.js';
import type { Key } from '../../terminal/keys.js';

/** The list as it stands: plain data, changed only by {@link pressKey} and by rows that arrive. */
export interface ListState {
  readonly rows: readonly RunSummary[];
  /** Position among the rows that the filter lets through. */
  readonly cursor: number;
  readonly filter: string;
  /** Whether keys are typed into the filter. */
  readonly typing: boolean;
  readonly loading: boolean;
  /** Nothing more can be loaded. */
  readonly complete: boolean;
  readonly notice: string | null;
}

export const emptyList: ListState = {
  rows: [],
  cursor: 0,
  filter: '',
  typing: false,
  loading: true,
  complete: false,
  notice: null,
};

/** What a key asks for beyond the list itself. */
export type Wish = 'quit' | 'refresh' | 'details' | 'logs' | 'openRun' | 'openLogs';

const commands: Readonly<Record<string, Wish>> = {
  q: 'quit',
  r: 'refresh',
  i: 'details',
  l: 'logs',
  L: 'logs',
  o: 'openRun',
};

/** The list after a key, and what the key asks for. `height` is the number of rows on a page. */
export function pressKey(state: ListState, key: Key, height: number): { state: ListState; wish?: Wish } {
  const fresh = { ...state, notice: null };
  return state.typing ? typeKey(fresh, key) : commandKey(fresh, key, height);
}

function commandKey(state: ListState, key: Key, height: number): { state: ListState; wish?: Wish } {
  if (key.name === 'enter') return { state, wish: 'openLogs' };
  if (key.name === 'escape') {
    return state.filter === '' ? { state, wish: 'quit' } : { state: withFilter(state, '') };
  }
  const movement = movementOf(key, height);
  if (movement !== null) return { state: { ...state, cursor: clamp(state, state.cursor + movement) } };
  if (key.text === '/') return { state: { ...state, typing: true } };
  const wish = key.text === undefined ? undefined : commands[key.text];
  return wish === undefined ? { state } : { state, wish };
}

function typeKey(state: ListState, key: Key): { state: ListState } {
  if (key.name === 'text') return { state: withFilter(state, state.filter + key.text) };
  if (key.name === 'backspace')
    return { state: withFilter(state, Array.from(state.filter).slice(0, -1).join('')) };
  if (key.name === 'enter') return { state: { ...state, typing: false } };
  if (key.name === 'escape') return { state: { ...withFilter(state, ''), typing: false } };
  const movement = key.name === 'up' ? -1 : key.name === 'down' ? 1 : 0;
  return { state: { ...state, cursor: clamp(state, state.cursor + movement) } };
}

function movementOf(key: Key, height: number): number | null {
  const far = Number.MAX_SAFE_INTEGER;
  const movements: Readonly<Record<string, number>> = {
    up: -1,
    k: -1,
    down: 1,
    j: 1,
    left: -height,
    pageUp: -height,
    right: height,
    pageDown: height,
    home: -far,
    g: -far,
    end: far,
    G: far,
  };
  return movements[key.text ?? key.name] ?? null;
}

/** The filter changed: the cursor stays with its run while that is still shown. */
function withFilter(state: ListState, filter: string): ListState {
  return keepingCursor({ ...state, filter }, selectedRun(state)?.run_id);
}

/** The same list with other rows, the cursor on the same run if it is still there. */
export function withRows(state: ListState, rows: readonly RunSummary[]): ListState {
  return keepingCursor({ ...state, rows }, selectedRun(state)?.run_id);
}

function keepingCursor(state: ListState, runId: string | undefined): ListState {
  const position = visibleRuns(state).findIndex((run) => run.run_id === runId);
  return { ...state, cursor: position === -1 ? clamp(state, state.cursor) : position };
}

function clamp(state: ListState, cursor: number): number {
  return Math.max(0, Math.min(cursor, visibleRuns(state).length - 1));
}

/** The rows that hold every word of the filter, in any cell. */
export function visibleRuns({ rows, filter }: ListState): readonly RunSummary[] {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return rows;
  return rows.filter((run) => {
    const text = runCells(run)
      .map((cell) => cell.text)
      .join(' ')
      .toLowerCase();
    return words.every((word) => text.includes(word));
  });
}

export function selectedRun(state: ListState): RunSummary | undefined {
  return visibleRuns(state)[state.cursor];
}

/** Whether more rows should be loaded: the cursor is on the last page of those that are there. */
export function needsMore(state: ListState, height: number): boolean {
  return !state.loading && !state.complete && state.cursor >= visibleRuns(state).length - height;
}

/** Rows of a page on a terminal of this height: titles and hint have a line each. */
export function pageHeight(terminalRows: number): number {
  return Math.max(1, terminalRows - 2);
}

/** The list as lines: titles, one page of rows, and what the keys do. `final` leaves out what only keys need. */
export function listLines(
  state: ListState,
  style: Style,
  { columns, rows, final = false }: { columns: number; rows: number; final?: boolean },
): string[] {
  const height = pageHeight(rows);
  const runs = visibleRuns(state);
  const first = Math.floor(state.cursor / height) * height;
  const page = runs.slice(first, first + height);
  const layout = layOut(runColumns, page.map(runCells), columns - 2);
  const lines = page.map((run, index) => {
    const line = rowLine(layout, runCells(run), style);
    return !final && first + index === state.cursor
      ? `${style.paint('❯', 'cyan')} ${style.paint(line, 'bold')}`
      : `  ${line}`;
  });
  const table = page.length === 0 ? [emptyText(state)] : [`  ${titleLine(layout, style)}`, ...lines];
  if (final) return table;
  return [...table, style.paint(truncate(hintText(state, runs.length, columns), columns), 'dim')];
}

function emptyText(state: ListState): string {
  if (state.loading) return 'Loading…';
  return state.filter === '' ? 'No runs found.' : `No run here holds "${state.filter}".`;
}

function hintText(state: ListState, shown: number, columns: number): string {
  if (state.notice !== null) return state.notice;
  const more = state.loading ? '…' : state.complete ? '' : '+';
  const place = `${shown === 0 ? 0 : state.cursor + 1}/${shown}${more}`;
  if (state.typing) return `/${state.filter}▏ ${place} · enter keep · esc clear`;
  const filter = state.filter === '' ? [] : [`"${state.filter}" · esc all`];
  return fitting([place, ...filter, ...legend], columns);
}

/** What the keys do; on a narrow terminal the later ones give way, but never the way out. */
const legend = [
  '↑↓←→ move',
  'i details',
  'l logs',
  '/ filter',
  'r refresh',
  'enter MLflow',
  'o run page',
  'q quit',
] as const;

function fitting(items: readonly string[], columns: number): string {
  const kept = [...items];
  while (kept.length > 2 && displayWidth(kept.join(' · ')) > columns) kept.splice(-2, 1);
  return kept.join(' · ');
}
