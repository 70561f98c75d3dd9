import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

/**
 * What the operating system knows of processes: the one module that tells Linux from macOS. A process is
 * named by its id together with its start, since ids are used again.
 */
export interface ProcessIdentity {
  readonly pid: number;
  /** When the process started, in the system's own words: only good for comparing. */
  readonly start: string;
  /** The system's boot: an identity of an earlier boot is never alive. */
  readonly boot: string;
}

interface ProcessRow {
  pid: number;
  group: number;
  session: number;
  zombie: boolean;
  start: string;
}

const onLinux = process.platform === 'linux';
let knownBoot: string | undefined;

/** Names this boot of the system. */
export function bootId(): string {
  knownBoot ??= onLinux
    ? readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
    : (/sec = (\d+)/.exec(command('sysctl', '-n', 'kern.boottime'))?.[1] ?? 'unknown');
  return knownBoot;
}

/** The identity of a running process; undefined when there is none of this id, or only its zombie. */
export function identify(pid: number): ProcessIdentity | undefined {
  const row = onLinux ? linuxRow(pid) : macRows(['-p', String(pid)])[0];
  return row && !row.zombie ? { pid, start: row.start, boot: bootId() } : undefined;
}

/** Whether this very process still runs. A zombie is dead: where PID 1 does not reap, it stays for ever. */
export function isAlive(identity: ProcessIdentity): boolean {
  if (identity.boot !== bootId()) return false;
  return identify(identity.pid)?.start === identity.start;
}

/**
 * The running processes that belong to any of the sessions (or process groups of the same number), or carry
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

function linuxRows(): ProcessRow[] {
  return readdirSync('/proc').flatMap((name) => {
    const row = /^\d+$/.test(name) ? linuxRow(Number(name)) : undefined;
    return row ? [row] : [];
  });
}

function linuxRow(pid: number): ProcessRow | undefined {
  let text: string;
  try {
    text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined;
  }
  // The second field is the program's name in parentheses, which may itself hold spaces and parentheses.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
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
  return command('ps', ...selection, '-o', 'pid=,pgid=,stat=,lstart=')
    .split('\n')
    .flatMap((line) => {
      const match = /^\s*(\d+)\s+(\d+)\s+(\S+)\s+(.+)$/.exec(line);
      if (!match) return [];
      const [, pid, group, state, start] = match as unknown as [string, string, string, string, string];
      return [
        {
          pid: Number(pid),
          group: Number(group),
          session: Number(group),
          zombie: state.startsWith('Z'),
          start: start.trim(),
        },
      ];
    });
}

function macMarked(marker: string): Set<number> {
  const lines = command('ps', '-axEww', '-o', 'pid=,command=').split('\n');
  return new Set(lines.filter((line) => line.includes(marker)).map((line) => Number.parseInt(line, 10)));
}

/** The output of a system tool; empty when it has nothing to say. */
function command(file: string, ...args: string[]): string {
  try {
    return execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
  } catch {
    return '';
  }
}
