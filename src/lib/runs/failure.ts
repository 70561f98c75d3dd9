import type { Run } from '../workspace/contract/index.js';
import { latestTask, terminationReason } from './status.js';

/** Which node ended a run, with what exit code, and what that usually means; null where nothing says so. */
export interface Failure {
  readonly node: number | null;
  readonly exitCode: number | null;
  readonly meaning: string | null;
}

const meanings: Readonly<Record<number, string>> = {
  2: 'wrong use of a shell command or of the program’s arguments',
  126: 'the command was found but cannot be executed: check its permissions',
  127: 'command not found: check its spelling, PATH and the environment’s dependencies',
  130: 'interrupted (SIGINT)',
  132: 'illegal instruction: a binary built for another processor',
  134: 'aborted (SIGABRT): an assertion failed, or a watchdog such as NCCL’s ended the process',
  135: 'bus error: often too little shared memory',
  136: 'arithmetic error (SIGFPE)',
  137: 'killed (SIGKILL): usually out of memory',
  139: 'segmentation fault',
  143: 'stopped from outside (SIGTERM)',
};

/** What an exit code of a process usually means, by the shell's convention of 128 plus the signal's number. */
export function meaningOf(exitCode: number): string | null {
  return (
    meanings[exitCode] ?? (exitCode > 128 && exitCode < 160 ? `ended by signal ${exitCode - 128}` : null)
  );
}

/** Reads node and exit code out of the server's own words for the run's end. */
export function failureOf(run: Run): Failure {
  const words = [terminationReason(run), latestTask(run)?.state?.state_message].filter(Boolean).join('\n');
  const node = /\b(?:node|rank)[ _#]?(\d+)/i.exec(words)?.[1];
  const code = /\bexit(?:ed)?(?:[ _](?:with|status|code))*[ :=]+(\d{1,3})\b/i.exec(words)?.[1];
  const exitCode = code === undefined ? null : Number(code);
  return {
    node: node === undefined ? null : Number(node),
    exitCode,
    meaning: exitCode === null ? null : meaningOf(exitCode),
  };
}
