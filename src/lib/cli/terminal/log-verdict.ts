import { failureOf } from '../../runs/failure.js';
import { hasSucceeded, isOver } from '../../runs/status.js';
import { durationSeconds } from '../../runs/timing.js';
import type { Verdict } from '../../runs/verdict.js';
import type { Run } from '../../workspace/index.js';
import { durationText } from './duration.js';
import type { Style } from './style.js';

/** The last words about a run that was followed: how it ended, after how long, why, and where to look. */
export function verdictText(run: Run, verdict: Verdict, now: number, style: Style): string {
  const lines = [headline(run, verdict, now, style)];
  if (isOver(run) && !hasSucceeded(run)) lines.push(...reasons(run, verdict));
  if (verdict.dashboard_url)
    lines.push(`  Run:  ${style.link(verdict.dashboard_url, verdict.dashboard_url)}`);
  if (verdict.mlflow_url) lines.push(`  Logs: ${style.link(verdict.mlflow_url, verdict.mlflow_url)}`);
  return `${lines.join('\n')}\n`;
}

function headline(run: Run, { run_id: id, status }: Verdict, now: number, style: Style): string {
  const seconds = durationSeconds(run, now);
  const after = seconds === null ? '' : ` after ${durationText(seconds)}`;
  if (!isOver(run))
    return `Run ${id} goes on: ${status}${seconds === null ? '' : ` for ${durationText(seconds)}`}.`;
  if (hasSucceeded(run)) return `${style.paint('✓', 'green')} Run ${id} succeeded${after}.`;
  const how = endings[status] ?? `ended as ${status}`;
  return `${style.paint('✗', 'red')} Run ${id} ${how}${after}.`;
}

const endings: Readonly<Record<string, string>> = {
  FAILED: 'failed',
  TIMEDOUT: 'ran out of its time',
  CANCELED: 'was cancelled',
  INTERNAL_ERROR: 'broke down (INTERNAL_ERROR)',
  SKIPPED: 'was skipped',
};

function reasons(run: Run, verdict: Verdict): string[] {
  const { node, exitCode, meaning } = failureOf(run);
  const lines: string[] = [];
  if (exitCode !== null) {
    const who = node === null ? 'The command' : `Node ${node}`;
    lines.push(`  ${who} exited with code ${exitCode}${meaning ? `: ${meaning}` : ''}.`);
  }
  if (verdict.termination_reason) lines.push(`  Reason: ${verdict.termination_reason}`);
  if (verdict.attempt_number > 0) lines.push(`  Last attempt: ${verdict.attempt_number}.`);
  return lines;
}
