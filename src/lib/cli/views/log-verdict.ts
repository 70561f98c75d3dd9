import { failureOf } from '../../runs/failure.js';
import { hasSucceeded, isOver } from '../../runs/status.js';
import { durationSeconds } from '../../runs/timing.js';
import type { Verdict } from '../../runs/verdict.js';
import type { Run } from '../../workspace/index.js';
import { durationText } from './duration.js';
import type { Style } from '../terminal/style.js';
import { printable } from '../terminal/printable.js';

/**
 * The last words about a run that was followed: how it ended, after how long, why, and where to look. `flags`
 * lead a command that is shown to the same workspace.
 */
export function verdictText(
  run: Run,
  verdict: Verdict,
  { now, style, flags }: { now: number; style: Style; flags: string },
): string {
  const lines = [headline(run, verdict, now, style)];
  if (isOver(run) && !hasSucceeded(run)) lines.push(...reasons(run, verdict));
  if (verdict.attempt_number > 0) {
    lines.push(`  The logs of the first attempt: air logs ${verdict.run_id} --retry 0${flags}`);
  }
  if (verdict.dashboard_url)
    lines.push(`  Run:  ${style.link(verdict.dashboard_url, verdict.dashboard_url)}`);
  if (verdict.mlflow_url) lines.push(`  Logs: ${style.link(verdict.mlflow_url, verdict.mlflow_url)}`);
  return `${lines.join('\n')}\n`;
}

/** What a wait came to, in one line. */
export function waitText({
  run_id: id,
  status,
  termination_reason: reason,
  timed_out: late,
}: Verdict): string {
  if (late) return `Run ${id}: ${status}, still going on when the time was up.\n`;
  return `Run ${id}: ${status}${reason === null ? '' : ` (${printable(reason).replaceAll('\n', ' ')})`}\n`;
}

/** The duration is that of the latest attempt; where there were several, the words say so. */
function headline(
  run: Run,
  { run_id: id, status, attempt_number: retries }: Verdict,
  now: number,
  style: Style,
) {
  const seconds = durationSeconds(run, now);
  const duration = seconds === null ? null : durationText(seconds);
  if (!isOver(run)) {
    const since = duration === null ? '' : ` for ${duration}`;
    return `Run ${id} goes on: ${status}${since}${retries > 0 ? ` (retry ${retries})` : ''}.`;
  }
  const after = endingAfter(retries + 1, duration);
  if (hasSucceeded(run)) return `${style.paint('✓', 'green')} Run ${id} succeeded${after}.`;
  const how = endings[status] ?? `ended as ${status}`;
  return `${style.paint('✗', 'red')} Run ${id} ${how}${after}.`;
}

function endingAfter(attempts: number, duration: string | null): string {
  if (attempts === 1) return duration === null ? '' : ` after ${duration}`;
  return ` after ${attempts} attempts${duration === null ? '' : `; the last took ${duration}`}`;
}

const endings: Readonly<Record<string, string>> = {
  FAILED: 'failed',
  TIMEDOUT: 'ran out of its time',
  CANCELED: 'was cancelled',
  INTERNAL_ERROR: 'broke down (INTERNAL_ERROR)',
  SKIPPED: 'was skipped',
};

/** The server's own words first; of node, exit code and its usual meaning what they do not say. */
function reasons(run: Run, verdict: Verdict): string[] {
  const { node, exitCode, meaning } = failureOf(run);
  const said = printable(verdict.termination_reason ?? '');
  const lines = said === '' ? [] : [`  Reason: ${said.replaceAll('\n', '\n    ')}`];
  if (exitCode !== null && !said.includes(String(exitCode))) {
    lines.push(`  ${node === null ? 'The command' : `Node ${node}`} exited with code ${exitCode}.`);
  }
  if (meaning !== null && !said.includes(beginningOf(meaning))) {
    lines.push(`  Exit code ${exitCode} usually means: ${meaning}.`);
  }
  return lines;
}

function beginningOf(meaning: string): string {
  return /^[^:,(]*/.exec(meaning)?.[0].trim() ?? meaning;
}
