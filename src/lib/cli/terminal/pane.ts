import type { Style } from './style.js';
import { truncate, wrap } from './width.js';
import type { Key } from './keys.js';

/** A text that may be longer than the screen, and how far it is scrolled. */
export interface PaneState {
  readonly title: string;
  /** The text for a terminal of so many columns. */
  readonly text: (columns: number) => string;
  /** The text as it stands on the screen. */
  readonly lines: readonly string[];
  readonly top: number;
}

/** A pane at the beginning of a text, whose lines are wrapped to the terminal. */
export function paneOf(title: string, text: (columns: number) => string, columns: number): PaneState {
  return { title, text, lines: linesOf(text, columns), top: 0 };
}

/** The pane on a terminal of another size. */
export function resizedPane(pane: PaneState, columns: number, rows: number): PaneState {
  const lines = linesOf(pane.text, columns);
  return { ...pane, lines, top: Math.min(pane.top, lowestTop(lines, rows)) };
}

function linesOf(text: (columns: number) => string, columns: number): string[] {
  const lines = text(columns).trimEnd().split('\n');
  return lines.flatMap((line) => wrap(line, columns));
}

function lowestTop(lines: readonly string[], rows: number): number {
  return Math.max(0, lines.length - paneHeight(rows));
}

/** The pane after a key; null when the key closes it. */
export function pressPaneKey(pane: PaneState, key: Key, rows: number): PaneState | null {
  const height = paneHeight(rows);
  const half = Math.max(1, Math.floor(height / 2));
  const far = pane.lines.length;
  const movements: Readonly<Record<string, number>> = {
    up: -1,
    k: -1,
    down: 1,
    j: 1,
    enter: 1,
    pageUp: -height,
    b: -height,
    left: -height,
    pageDown: height,
    f: height,
    ' ': height,
    right: height,
    u: -half,
    d: half,
    home: -far,
    g: -far,
    end: far,
    G: far,
  };
  const name = key.text ?? key.name;
  if (name === 'q' || name === 'escape') return null;
  const top = pane.top + (movements[name] ?? 0);
  return { ...pane, top: Math.max(0, Math.min(lowestTop(pane.lines, rows), top)) };
}

/** The whole screen: title, the lines in view, and what the keys do. */
export function paneLines(pane: PaneState, style: Style, columns: number, rows: number): string[] {
  const height = paneHeight(rows);
  const view = pane.lines.slice(pane.top, pane.top + height);
  const last = Math.min(pane.top + height, pane.lines.length);
  return [
    style.paint(truncate(pane.title, columns), 'bold'),
    ...view,
    ...Array.from({ length: height - view.length }, () => ''),
    style.paint(truncate(`${last}/${pane.lines.length} · ↑↓ scroll · space page · q back`, columns), 'dim'),
  ];
}

function paneHeight(rows: number): number {
  return Math.max(1, rows - 2);
}
