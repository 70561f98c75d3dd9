import type { Style } from '../style.js';
import { truncate, wrap } from '../width.js';
import type { Key } from './keys.js';

/** A text that is longer than the screen, and how far it is scrolled. */
export interface PaneState {
  readonly title: string;
  readonly lines: readonly string[];
  readonly top: number;
}

/** A pane at the beginning of a text, whose lines are wrapped to the terminal. */
export function paneOf(title: string, text: string, columns: number): PaneState {
  const lines = text.trimEnd().split('\n');
  return { title, lines: lines.flatMap((line) => wrap(line, columns)), top: 0 };
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
  if (name === 'q' || name === 'escape' || name === 'interrupt') return null;
  const lowest = Math.max(0, pane.lines.length - height);
  return { ...pane, top: Math.max(0, Math.min(lowest, pane.top + (movements[name] ?? 0))) };
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
