import type { RunDetails } from '../../runs/details.js';
import type { Sweep } from '../../runs/sweep.js';
import { durationText } from './duration.js';
import { statusColour, statusText } from './status.js';
import type { Style } from '../terminal/style.js';
import { table, type Column } from '../terminal/table.js';
import { printable } from '../terminal/printable.js';
import { pad } from '../terminal/width.js';

const columnsOfIterations: readonly Column[] = [
  { title: 'TASK', most: 36, least: 8, yields: 1 },
  { title: 'RUN ID' },
  { title: 'STATUS' },
  { title: 'RETRIES', align: 'right', yields: 4 },
  { title: 'DURATION', align: 'right', yields: 3 },
  { title: 'EXPERIMENT', most: 48, least: 10, yields: 2 },
];

/** A sweep: its counts, then one line per iteration. */
export function sweepView(details: RunDetails, sweep: Sweep, style: Style, columns?: number): string {
  const counts: [string, string][] = [
    ['Sweep Run ID:', style.link(details.run_id, details.dashboard_url)],
    ['Status:', statusText(printable(details.status), style)],
    ['Total:', String(sweep.total_iterations)],
    ['Completed:', String(sweep.completed_iterations)],
    ['Succeeded:', String(sweep.succeeded_iterations)],
    ['Failed:', String(sweep.failed_iterations)],
    ['Active:', String(sweep.active_iterations)],
  ];
  const head = counts.map(([label, value]) => `${pad(label, 13)} ${value}\n`).join('');
  if (!sweep.iterations || sweep.iterations.length === 0) return head;
  const rows = sweep.iterations.map((iteration) => [
    { text: printable(iteration.task_key ?? '-') },
    { text: iteration.run_id ?? '-' },
    { text: printable(iteration.status), colour: statusColour(iteration.status) },
    { text: String(iteration.attempt_number) },
    { text: iteration.duration_seconds === null ? '-' : durationText(iteration.duration_seconds) },
    { text: printable(iteration.experiment_name ?? '-') },
  ]);
  const lines = table(columnsOfIterations, rows, style, columns === undefined ? undefined : columns - 2);
  return `${head}\nSweep Tasks:\n${lines.map((line) => `  ${line}\n`).join('')}`;
}
