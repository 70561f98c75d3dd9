import { acceleratorLabel } from '../../compute/accelerators.js';
import type { RunDetails } from '../../runs/details.js';
import { withLiteralBlocks } from '../../runs/literal-blocks.js';
import type { RunSummary } from '../../runs/summary.js';
import { box, contentLimit } from '../terminal/box.js';
import { coarseDurationText, durationText, minuteText } from './duration.js';
import { statusText } from './status.js';
import type { Style } from '../terminal/style.js';
import { sweepView } from './sweep.js';
import { printable } from '../terminal/printable.js';
import { pad, wrap } from '../terminal/width.js';

const absent = 'N/A';
const labelWidth = 12;

/** One run in full, as `air get run` prints it. `columns` is the terminal's width, undefined without one. */
export function runDetailsView(details: RunDetails, style: Style, columns?: number): string {
  return `${standingPart(details, style, columns)}${changingPart(details, style, columns)}`;
}

/** The part that does not change while a run is watched: the link, and how it was configured. */
export function standingPart(details: RunDetails, style: Style, columns?: number): string {
  const link = `Job Link: ${style.link(details.dashboard_url, details.dashboard_url)}\n\n`;
  if (details.configuration === null) return link;
  return `${link}${configurationBox(details.configuration, style, columns)}\n`;
}

/** The part that changes: state and times, or a sweep's iterations. */
export function changingPart(details: RunDetails, style: Style, columns?: number): string {
  if (details.sweep) return sweepView(details, details.sweep, style, columns);
  const parts = [box('Metadata', metadataLines(details, style, columns), style, columns)];
  if (details.termination_reason !== null) {
    const reason = `${style.paint('Failure reason:', 'red')} ${printable(details.termination_reason)}`;
    parts.push(`${columns === undefined ? reason : wrap(reason, columns).join('\n')}\n`);
  }
  if (details.mlflow_run_url !== null) {
    parts.push(`MLflow URL: ${style.link(details.mlflow_run_url, details.mlflow_run_url)}\n`);
  }
  return parts.join('\n');
}

function configurationBox(yaml: string, style: Style, columns: number | undefined): string {
  const limit = contentLimit(columns);
  const lines = printable(withLiteralBlocks(yaml.replaceAll('\r\n', '\n')).trimEnd())
    .split('\n')
    .flatMap((line) =>
      (Number.isFinite(limit) ? wrap(line, limit) : [line]).map((part) => paintYaml(part, style)),
    );
  return box('Configuration', lines, style, columns);
}

/** A line is `key: value` only if what stands before its colon could be a key of a workload file. */
function paintYaml(line: string, style: Style): string {
  const [, indent = '', key, rest = ''] = /^(\s*(?:- )?)([a-z0-9_]+)(:(?:\s.*)?)$/.exec(line) ?? [];
  if (key === undefined) return line;
  const block = /^:\s+[|>][-+0-9]*\s*$/.test(rest);
  return `${indent}${style.paint(key, 'blue')}${block ? style.paint(rest, 'dim') : rest}`;
}

function metadataLines(details: RunDetails, style: Style, columns: number | undefined): string[] {
  const room = contentLimit(columns) - labelWidth - 2;
  return metadataFields(details, style).flatMap(([label, value]) => {
    const lines = Number.isFinite(room) ? wrap(value, room) : [value];
    return lines.map(
      (line, index) => `${style.paint(pad(index === 0 ? label : '', labelWidth), 'dim')}  ${line}`,
    );
  });
}

function metadataFields(details: RunDetails, style: Style): [label: string, value: string][] {
  const progress = progressText(details, ' left');
  const status = statusText(printable(details.status), style);
  return [
    ['Run ID', style.link(details.run_id, details.dashboard_url)],
    ['Status', details.status_message === null ? status : `${status} (${printable(details.status_message)})`],
    ['Submitted', details.started_at === null ? absent : minuteText(details.started_at)],
    ['Retries', String(details.attempt_number)],
    ['Max Retries', details.max_retries < 0 ? 'unlimited' : String(details.max_retries)],
    ['Duration', details.duration_seconds === null ? absent : durationText(details.duration_seconds)],
    ...(progress === null ? [] : [['Progress', progress] as [string, string]]),
    ['Experiment', style.link(printable(details.experiment_name ?? absent), details.mlflow_experiment_url)],
    ['MLflow Run', style.link(mlflowLabel(details) ?? absent, details.mlflow_run_url)],
    ['User', printable(details.user ?? absent)],
    ['Accelerators', acceleratorText(details) || absent],
    ['Environment', printable(details.environment ?? absent)],
  ];
}

export function acceleratorText(run: RunSummary): string {
  return printable(acceleratorLabel(run.accelerator_type, run.num_accelerators));
}

/** The MLflow run's name; while it is not known, the end of its id. */
export function mlflowLabel(run: RunSummary): string | null {
  if (run.mlflow_run_name !== null) return printable(run.mlflow_run_name);
  const id = run.mlflow_run_id;
  return id !== null && id.length > 8 ? `...${id.slice(-8)}` : id;
}

export function progressText(run: RunSummary, ending = ''): string | null {
  if (run.est_percent_complete === null || run.est_remaining_seconds === null) return null;
  const remaining = coarseDurationText(run.est_remaining_seconds);
  return `${run.est_percent_complete}% · ${remaining.startsWith('<') ? '' : '~'}${remaining}${ending}`;
}
