import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * A process told apart from every other that ever had or will have its id: `PID-START`, where START is the
 * kernel's start time. Null when no such process lives. A zombie is dead: it only waits to be reaped.
 * Linux reads /proc; elsewhere `ps` answers.
 */
export function processIdentity(pid: number): string | null {
  try {
    return process.platform === 'linux' ? identityFromProc(pid) : identityFromPs(pid);
  } catch {
    return null;
  }
}

/** Whether the process that {@link processIdentity} described still lives. */
export function isSameProcess(identity: string): boolean {
  return processIdentity(Number.parseInt(identity, 10)) === identity;
}

function identityFromProc(pid: number): string | null {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  // The command's name, in parentheses, may hold spaces and parentheses of its own.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, startTime] = [fields[0], fields[19]];
  if (startTime === undefined || state === 'Z' || state === 'X') return null;
  return `${pid}-${startTime}.${bootId()}`;
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').slice(0, 8);
}

function identityFromPs(pid: number): string | null {
  const answer = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  const [state, ...start] = answer.split(/\s+/);
  if (state === undefined || state === '' || state.startsWith('Z')) return null;
  return `${pid}-${start.join('').replaceAll(':', '')}`;
}
