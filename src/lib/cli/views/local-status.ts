import { minuteText } from './duration.js';
import { renderBytes } from '../../size.js';

/** The local workspace as `air local status` tells of it: all but the first null while it is stopped. */
export interface LocalStatusData {
  running: boolean;
  pid: number | null;
  address: string | null;
  version: string | null;
  data_dir: string | null;
  started_at: string | null;
  /** Number of runs by state. */
  runs: Record<string, number> | null;
  /** Runs that wait. */
  queue: number | null;
  disk_bytes: number | null;
  /** The variables of the user's shell that workloads get. */
  environment: Record<string, string> | null;
}

/** How people say the states whose own words read oddly after a number. */
const stateWords: Readonly<Record<string, string>> = {
  success: 'succeeded',
  canceled: 'cancelled',
  timedout: 'timed out',
  internal_error: 'broke down',
};

/** A running local workspace as a list of what it is and has. */
export function localStatusText(status: LocalStatusData): string {
  const runs = Object.entries(status.runs ?? {}).map(
    ([state, count]) => `${count} ${stateWords[state] ?? state}`,
  );
  const rows: [string, string][] = [
    ['Address', status.address ?? '-'],
    ['Process', `${status.pid ?? '-'}, air ${status.version ?? '-'}`],
    ['Started', status.started_at === null ? '-' : minuteText(status.started_at)],
    ['Runs', runs.length === 0 ? 'none yet' : runs.join(', ')],
    ['Waiting', String(status.queue ?? 0)],
    ['Disk use', renderBytes(status.disk_bytes ?? 0)],
    ['Folder', status.data_dir ?? '-'],
    ['PATH of runs', status.environment?.['PATH'] ?? '-'],
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`).join('');
}
