import type { LifeCycleState, ResultState } from '../../workspace/contract/index.js';
import type { AttemptEnd, StopReason } from '../supervisor/folder.js';

/** How an attempt, and with its last attempt the run, ended: in the words of the Jobs API. */
export interface Outcome {
  lifeCycle: LifeCycleState;
  result: ResultState | null;
  message: string;
  terminationCode: string;
}

/** What an exit code usually means; undefined when it says nothing beyond "failed". */
function meaningOf(exitCode: number): string | undefined {
  switch (exitCode) {
    case 126:
      return 'the command is not executable';
    case 127:
      return 'command not found';
    case 134:
      return 'aborted (SIGABRT)';
    case 135:
      return 'bus error (SIGBUS), often too little shared memory';
    case 137:
      return 'killed (SIGKILL), likely out of memory';
    case 139:
      return 'segmentation fault (SIGSEGV)';
    case 143:
      return 'terminated (SIGTERM)';
    default:
      return exitCode > 128 && exitCode <= 192 ? `ended by signal ${exitCode - 128}` : undefined;
  }
}

export function outcomeOf(end: AttemptEnd, timeoutSeconds: number | undefined): Outcome {
  switch (end.result) {
    case 'success':
      return { lifeCycle: 'TERMINATED', result: 'SUCCESS', message: '', terminationCode: 'SUCCESS' };
    case 'canceled':
      return {
        lifeCycle: 'TERMINATED',
        result: 'CANCELED',
        message: 'The run was canceled.',
        terminationCode: 'USER_CANCELED',
      };
    case 'timedout':
      return {
        lifeCycle: 'TERMINATED',
        result: 'TIMEDOUT',
        message: `The attempt took longer than its limit of ${timeoutSeconds ?? 0} seconds and was stopped.`,
        terminationCode: 'RUN_EXECUTION_ERROR',
      };
    case 'failed':
      return {
        lifeCycle: 'TERMINATED',
        result: 'FAILED',
        message: end.message ?? nodeFailure(end.node ?? 0, end.exitCode ?? 1),
        terminationCode: 'RUN_EXECUTION_ERROR',
      };
    case 'error':
      return internalError(end.message ?? 'The local workspace met a fault of its own.');
  }
}

export function internalError(message: string): Outcome {
  return { lifeCycle: 'INTERNAL_ERROR', result: null, message, terminationCode: 'INTERNAL_ERROR' };
}

/** The state's message while an attempt is being stopped, by the reason. */
export const stoppingMessages: Readonly<Record<StopReason, string>> = {
  canceled: 'The run is being canceled.',
  timedout: 'The attempt took longer than its limit; its nodes are being stopped.',
  failed: 'A node failed; the others are being stopped.',
  broken: 'The attempt cannot go on; its nodes are being stopped.',
};

/** How MLflow calls such an end. */
export function mlflowStatus({ result }: Outcome): 'FINISHED' | 'FAILED' | 'KILLED' {
  if (result === 'SUCCESS') return 'FINISHED';
  return result === 'CANCELED' ? 'KILLED' : 'FAILED';
}

function nodeFailure(node: number, exitCode: number): string {
  const meaning = meaningOf(exitCode);
  return `Node ${node} failed with exit code ${exitCode}${meaning === undefined ? '' : `: ${meaning}`}.`;
}
