import type { TextOutput } from '../../io.js';
import type { RunSummary } from '../../runs/summary.js';
import { durationText } from './duration.js';
import { acceleratorText, mlflowLabel, progressText } from './run-details.js';
import { statusColour } from './status.js';
import type { Style } from '../terminal/style.js';
import { layOut, rowLine, titleLine, type Cell, type Column, type Layout } from '../terminal/table.js';
import { printable } from '../terminal/printable.js';

const absent = '-';

/** The columns of a list of runs, in their order. */
export const runColumns: readonly Column[] = [
  { title: 'Run ID', yields: 0 },
  { title: 'Experiment', most: 36, least: 12, yields: 2 },
  { title: 'Status', yields: 1 },
  { title: 'Started', yields: 4 },
  { title: 'Duration', align: 'right', yields: 3 },
  { title: 'Progress', align: 'right', yields: 6 },
  { title: 'MLflow', most: 22, least: 10, yields: 7 },
  { title: 'User', most: 36, least: 10, yields: 8 },
  { title: 'Accelerators', yields: 5 },
];

/** One run as cells of {@link runColumns}. */
export function runCells(run: RunSummary): Cell[] {
  return [
    { text: run.run_id, colour: 'magenta', url: run.dashboard_url },
    { text: printable(run.experiment_name ?? absent), url: run.mlflow_experiment_url },
    { text: `● ${printable(run.status)}`, colour: statusColour(run.status) },
    { text: run.started_at === null ? absent : run.started_at.slice(0, 19).replace('T', ' ') },
    { text: run.duration_seconds === null ? absent : durationText(run.duration_seconds) },
    { text: progressText(run) ?? absent },
    { text: mlflowLabel(run) ?? absent, url: run.mlflow_url },
    { text: printable(run.user ?? absent) },
    { text: acceleratorText(run) || absent },
  ];
}

/** Prints rows group by group under one line of titles: what is known can be read while the rest is asked for. */
export class RunTablePrinter {
  private layout: Layout | undefined;

  constructor(
    private readonly output: TextOutput,
    private readonly style: Style,
  ) {}

  print(group: readonly RunSummary[]): void {
    const rows = group.map(runCells);
    const isFirst = this.layout === undefined;
    this.layout = layOut(runColumns, rows, this.output.columns, this.layout);
    const titles = isFirst ? [titleLine(this.layout, this.style)] : [];
    const lines = rows.map((row) => rowLine(this.layout as Layout, row, this.style));
    this.output.write([...titles, ...lines].map((line) => `${line}\n`).join(''));
  }
}
