import { reportedWindow, isoformat } from '../../runs/timing.js';
import { experimentName, trainingTask } from '../../runs/training.js';
import type { Run } from '../../workspace/index.js';
import { minuteText } from './duration.js';
import type { Style } from '../terminal/style.js';
import { table, type Column } from '../terminal/table.js';
import { printable } from '../terminal/printable.js';

const columns: readonly Column[] = [
  { title: 'Run ID', yields: 0 },
  { title: 'Experiment', least: 12, yields: 1 },
  { title: 'Started', yields: 2 },
];

/** The lines that show which runs are about to be cancelled. */
export function cancelPreview(runs: readonly Run[], style: Style, width: number | undefined): string[] {
  const rows = runs.map((run) => {
    const { start } = reportedWindow(run);
    return [
      { text: String(run.run_id ?? '') },
      { text: printable(experimentName(trainingTask(run)) ?? 'N/A') },
      { text: start === null ? 'N/A' : minuteText(isoformat(start)) },
    ];
  });
  return table(columns, rows, style, width);
}
