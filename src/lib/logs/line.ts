import type { LogRecord } from '../workspace/index.js';

/** One line of one node's output, as it was recorded. */
export interface LogLine {
  readonly attempt: number;
  readonly node: number;
  /** The text without its line end. May hold carriage returns, escape sequences and NUL characters. */
  readonly body: string;
  /** Nanoseconds since the epoch in decimal digits; null when the source does not say. */
  readonly time: string | null;
}

/** The line that a record of the log service holds. `node` stands in where the record names none. */
export function lineOf(record: LogRecord, attempt: number, node: number): LogLine {
  return {
    attempt,
    node: record.node_index ?? node,
    body: withoutLineEnd(record.body ?? ''),
    time: timeOf(record),
  };
}

/** Nanoseconds since the epoch in decimal digits; null when the record does not say. */
export function timeOf(record: LogRecord | undefined): string | null {
  const digits = String(record?.time_unix_nano ?? '');
  return /^[1-9]\d*$/.test(digits) ? digits : null;
}

function withoutLineEnd(text: string): string {
  return text.endsWith('\n') ? text.slice(0, text.endsWith('\r\n') ? -2 : -1) : text;
}

/** Orders decimal times of any length without leaving text: more digits means later. */
export function compareTimes(a: string, b: string): number {
  if (a.length !== b.length) return a.length - b.length;
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Whether a time, perhaps unknown, is not later than a bound, if there is one. */
export function isUntil(time: string | null, bound: string | null): boolean {
  return !bound || !time || compareTimes(time, bound) <= 0;
}

/** Of two times, each perhaps unknown, the later one. */
export function laterOf(a: string | null, b: string | null): string | null {
  if (a === null || b === null) return a ?? b;
  return compareTimes(b, a) > 0 ? b : a;
}

/** Oldest first. Lines without a time keep their place among their neighbours. */
export function sortByTime(lines: LogLine[]): LogLine[] {
  let sorted = true;
  for (let index = 1; index < lines.length && sorted; index++) {
    sorted = inOrder(lines[index - 1], lines[index]);
  }
  return sorted ? lines : lines.sort((a, b) => (a.time && b.time ? compareTimes(a.time, b.time) : 0));
}

function inOrder(earlier: LogLine | undefined, later: LogLine | undefined): boolean {
  return !earlier?.time || !later?.time || compareTimes(earlier.time, later.time) <= 0;
}

/** Whole seconds since the epoch, rounded down. */
export function secondsOf(time: string): number {
  return Number(time.slice(0, -9) || '0');
}

/** The nanoseconds of a time in milliseconds since the epoch. */
export function nanosecondsOf(milliseconds: number): string {
  return (BigInt(Math.round(milliseconds)) * 1_000_000n).toString();
}
