import type { Run } from '../workspace/contract/index.js';
import { isOver, latestTask } from './status.js';

/** When a run's latest attempt began and ended, in milliseconds since the epoch; null while it has not. */
export interface Window {
  readonly start: number | null;
  readonly end: number | null;
}

/**
 * The reported window of a run: the latest attempt's own times, each falling back to the run's.
 * Before an attempt starts, the run's own start (its submission) counts.
 */
export function reportedWindow(run: Run): Window {
  const task = latestTask(run);
  const start = moment(task?.start_time) ?? moment(run.start_time);
  const end = moment(task?.end_time) ?? moment(run.end_time) ?? endByDuration(run, start);
  return { start, end };
}

/** A server that says how long a finished run took, but not when it ended. */
function endByDuration(run: Run, start: number | null): number | null {
  const duration = moment(latestTask(run)?.run_duration) ?? moment(run.run_duration);
  return isOver(run) && start !== null && duration !== null ? start + duration : null;
}

/**
 * Whole seconds of a window, rounded half to even; to `now` while the run goes on. Null when it has not
 * started, or is over without an end that is known. Never negative: clocks differ between machines.
 */
export function durationSeconds(run: Run, now: number): number | null {
  const { start, end } = reportedWindow(run);
  if (start === null) return null;
  const until = end ?? (isOver(run) ? null : now);
  return until === null ? null : wholeSeconds(Math.max(0, until - start));
}

/** Milliseconds as seconds, a half going to the even neighbour: 500 -> 0, 1500 -> 2, 2500 -> 2. */
export function wholeSeconds(milliseconds: number): number {
  const floor = Math.floor(milliseconds / 1000);
  const rest = milliseconds - floor * 1000;
  if (rest === 500) return floor % 2 === 0 ? floor : floor + 1;
  return rest < 500 ? floor : floor + 1;
}

/** A moment as Python's `isoformat()` prints it in UTC: microseconds only when they are not zero. */
export function isoformat(milliseconds: number): string {
  const text = new Date(milliseconds).toISOString();
  const fraction = text.slice(20, 23);
  return `${text.slice(0, 19)}${fraction === '000' ? '' : `.${fraction}000`}+00:00`;
}

const latestMoment = 8.64e15;

/** A time as the API writes it: 0, absent or beyond what a date can hold means "not known". */
function moment(milliseconds: number | string | undefined): number | null {
  const value = Number(milliseconds ?? 0);
  return Number.isFinite(value) && value > 0 && value <= latestMoment ? value : null;
}
