import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/**
 * What the operating system knows of processes. This is the one module that tells Linux (/proc) from macOS
 * (`ps`).
 */

interface ProcessRow {
  pid: number;
  group: number;
  session: number;
  /** Dead, and waiting to be reaped. */
  zombie: boolean;
  /** Start time in the system's own words: only good for comparing. */
  start: string;
}

const onLinux = process.platform === 'linux';
let knownBoot: string | undefined;

/**
 * A process told apart from every other that ever had or will have its id: `PID-START.BOOT`, where START is
 * the kernel's start time. Null when no such process lives. A zombie is dead: where PID 1 does not reap, it
 * stays for ever.
 */
export function processIdentity(pid: number): string | null {
  const row = onLinux ? linuxRow(pid) : macRows(['-p', String(pid)])[0];
  return row && !row.zombie ? `${pid}-${row.start}.${bootId()}` : null;
}

/** Whether the process that {@link processIdentity} described still lives. */
export function isSameProcess(identity: string): boolean {
  return processIdentity(processIdOf(identity)) === identity;
}

export function processIdOf(identity: string): number {
  return Number.parseInt(identity, 10);
}

/** Whether the system has been started anew since the identity was taken. */
export function isOfEarlierBoot(identity: string): boolean {
  return !identity.endsWith(`.${bootId()}`);
}

/**
 * The running processes that belong to any of the sessions (or process groups of the same number), or have
 * the text in their environment: children that made a session of their own are found too.
 */
export function familyOf(sessions: ReadonlySet<number>, marker: string): number[] {
  const rows = onLinux ? linuxRows() : macRows(['-ax']);
  const marked = onLinux ? undefined : macMarked(marker);
  return rows
    .filter(
      (row) =>
        !row.zombie &&
        row.pid !== process.pid &&
        (sessions.has(row.session) ||
          sessions.has(row.group) ||
          (marked ? marked.has(row.pid) : linuxMarked(row.pid, marker))),
    )
    .map((row) => row.pid);
}

/** Sends a signal; a process that is gone already is fine. */
export function signalProcess(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone, or no longer ours: the next look at the process table tells.
  }
}

function bootId(): string {
  knownBoot ??= onLinux
    ? readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8)
    : (/sec = (\d+)/.exec(outputOf('sysctl', '-n', 'kern.boottime'))?.[1] ?? 'unknown');
  return knownBoot;
}

function linuxRows(): ProcessRow[] {
  return readdirSync('/proc').flatMap((name) => {
    const row = /^\d+$/.test(name) ? linuxRow(Number(name)) : undefined;
    return row ? [row] : [];
  });
}

function linuxRow(pid: number): ProcessRow | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return undefined;
  }
  // The command's name, in parentheses, may hold spaces and parentheses of its own.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return {
    pid,
    zombie: fields[0] === 'Z' || fields[0] === 'X',
    group: Number(fields[2]),
    session: Number(fields[3]),
    start: fields[19] ?? '',
  };
}

function linuxMarked(pid: number, marker: string): boolean {
  try {
    return readFileSync(`/proc/${pid}/environ`).includes(marker);
  } catch {
    return false;
  }
}

function macRows(selection: string[]): ProcessRow[] {
  return outputOf('ps', ...selection, '-o', 'pid=,pgid=,stat=,lstart=')
    .split('\n')
    .flatMap((line) => {
      const [pid, group, state, ...start] = line.trim().split(/\s+/);
      if (pid === undefined || group === undefined || state === undefined) return [];
      return [
        {
          pid: Number(pid),
          group: Number(group),
          session: Number(group),
          zombie: state.startsWith('Z'),
          start: start.join('').replaceAll(':', ''),
        },
      ];
    });
}

function macMarked(marker: string): Set<number> {
  const lines = outputOf('ps', '-axEww', '-o', 'pid=,command=').split('\n');
  return new Set(lines.filter((line) => line.includes(marker)).map((line) => Number.parseInt(line, 10)));
}

/** The output of a system tool; empty when it has nothing to say. */
function outputOf(file: string, ...args: string[]): string {
  try {
    return execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
}
