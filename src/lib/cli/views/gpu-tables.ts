import type { Style } from '../terminal/style.js';
import { table, type Column } from '../terminal/table.js';
import { printable } from '../terminal/printable.js';

/** A type that a workload can ask for. The keys are those of the JSON output. */
export interface TypeRow {
  accelerator_type: string;
  display_name: string;
  gpus_per_node: number;
  memory_gb: number;
  /** Nodes for the number of GPUs that was asked about; null when they do not fill whole nodes, or none was. */
  nodes: number | null;
}

/** A GPU of this machine. */
export interface DeviceRow {
  index: number;
  name: string;
  uuid: string | null;
  memory_total_mib: number | null;
  memory_free_mib: number | null;
  utilization_percent: number | null;
}

const deviceColumns: readonly Column[] = [
  { title: 'GPU', align: 'right' },
  { title: 'Name', least: 10, yields: 1 },
  { title: 'Memory', align: 'right' },
  { title: 'Free', align: 'right' },
  { title: 'Busy', align: 'right', yields: 2 },
];

/** The types, with the nodes that `count` GPUs fill when a count is given. */
export function typeTable(
  types: readonly TypeRow[],
  count: number | undefined,
  style: Style,
  width?: number,
): string {
  const columns: Column[] = [
    { title: 'Type' },
    { title: 'GPU', yields: 1 },
    { title: 'GPUs per node', align: 'right', yields: 2 },
    { title: 'Memory per GPU', align: 'right', yields: 3 },
    ...(count === undefined ? [] : [{ title: `Nodes for ${count}`, align: 'right' as const }]),
  ];
  const rows = types.map((type) => [
    { text: type.accelerator_type },
    { text: type.display_name },
    { text: String(type.gpus_per_node) },
    { text: `${type.memory_gb} GB` },
    { text: type.nodes === null ? '-' : String(type.nodes) },
  ]);
  return lines(table(columns, rows, style, width));
}

export function deviceTable(devices: readonly DeviceRow[], style: Style, width?: number): string {
  const rows = devices.map((device) => [
    { text: String(device.index) },
    { text: printable(device.name) },
    { text: gigabytes(device.memory_total_mib) },
    { text: gigabytes(device.memory_free_mib) },
    { text: device.utilization_percent === null ? '-' : `${device.utilization_percent} %` },
  ]);
  return lines(table(deviceColumns, rows, style, width));
}

function gigabytes(mebibytes: number | null): string {
  return mebibytes === null ? '-' : `${(mebibytes / 1024).toFixed(1)} GiB`;
}

function lines(of: readonly string[]): string {
  return of.map((line) => `${line}\n`).join('');
}
