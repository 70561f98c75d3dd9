import type { Context } from '../io.js';
import type { Workspace } from '../workspace/index.js';
import { hasSucceeded, isOver, isWaitingForCompute } from './status.js';
import { linksOf, verdictOf, type Verdict } from './verdict.js';
import { RunWatch } from './watch.js';
import type { Run } from '../workspace/contract/index.js';

export interface WaitOptions {
  readonly for: 'terminal' | 'running';
  /** Milliseconds; null waits without limit. */
  readonly timeout: number | null;
}

/**
 * Waits until a run is over, or runs, or the time is up. Only a state read from the API ends the wait; a read
 * that fails for a passing reason is repeated. Throws when the run does not exist or cannot be read.
 */
export async function waitForRun(
  workspace: Workspace,
  runId: string,
  options: WaitOptions,
  { clock, signal, ...rest }: Context,
): Promise<{ run: Run; verdict: Verdict }> {
  const deadline = options.timeout === null ? Infinity : clock.now() + options.timeout;
  const watch = await RunWatch.open(workspace, runId, { clock, signal, ...rest });
  while (!isReached(watch.run, options.for) && clock.now() < deadline) {
    await clock.sleep(Math.min(watch.dueIn + 1, deadline - clock.now()), signal);
    await watch.refresh();
    watch.takeEvents();
  }
  const timedOut = !isReached(watch.run, options.for);
  const links = await linksOf(workspace, watch.run, runId);
  return { run: watch.run, verdict: verdictOf(watch.run, runId, links, timedOut) };
}

function isReached(run: Run, wanted: WaitOptions['for']): boolean {
  if (isOver(run)) return true;
  return wanted === 'running' && run.state?.life_cycle_state === 'RUNNING' && !isWaitingForCompute(run);
}

/** Whether a wait that was not cut short found what it waited for. */
export function isFulfilled(run: Run): boolean {
  return !isOver(run) || hasSucceeded(run);
}
