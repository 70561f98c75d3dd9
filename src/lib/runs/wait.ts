import { AirError } from '../errors.js';
import type { Context } from '../io.js';
import type { Workspace } from '../workspace/index.js';
import { dashboardUrl } from './links.js';
import { hasSucceeded, isOver, isWaitingForCompute } from './status.js';
import { linksOf, verdictOf, type Verdict } from './verdict.js';
import { RunWatch } from './watch.js';
import type { Run } from '../workspace/contract/index.js';

export interface WaitOptions {
  readonly for: 'terminal' | 'running';
  /** Milliseconds; null waits without limit. */
  readonly timeout: number | null;
}

/** Milliseconds that the first reading of the state gets, however short the wait. */
const firstReading = 2000;
/** Milliseconds that the links get once the time is up. */
const lastLinks = 1000;
/** The longest a timer can run. */
const longestTimer = 2 ** 31 - 1;

/**
 * Waits until a run is over, or runs, or the time is up; the time bounds the requests too. Only a state read from
 * the API ends the wait; a read that fails for a passing reason is repeated. Throws when the run does not exist
 * or cannot be read, and when its state was not told in time.
 */
export async function waitForRun(
  workspace: Workspace,
  runId: string,
  options: WaitOptions,
  context: Context,
): Promise<{ run: Run; verdict: Verdict }> {
  const { clock, signal } = context;
  const begun = clock.now();
  const { timeout } = options;
  const deadline = timeout === null ? Infinity : begun + timeout;
  const firstDeadline = timeout === null ? Infinity : begun + Math.max(timeout, firstReading);
  const watch = await before(firstDeadline, RunWatch.open(workspace, runId, context), context);
  if (watch === undefined) throw untold(workspace, runId);
  while (!isReached(watch.run, options.for) && clock.now() < deadline) {
    await clock.sleep(Math.min(watch.dueIn + 1, deadline - clock.now()), signal);
    const reading = watch.refresh();
    if (reading) await before(deadline, reading, context);
    watch.takeEvents();
  }
  const { run } = watch;
  const timedOut = !isReached(run, options.for);
  const asked = linksOf(workspace, run, runId);
  const links = (await before(Math.max(deadline, clock.now() + lastLinks), asked, context)) ?? {
    dashboard: dashboardUrl(workspace.host, runId, workspace.target.workspaceId ?? null),
    mlflow: null,
  };
  return { run, verdict: verdictOf(run, runId, links, timedOut) };
}

/** What the work comes to, or undefined at the deadline: the work is then left behind, and nobody hears of it. */
async function before<T>(
  deadline: number,
  work: Promise<T>,
  { clock, signal }: Context,
): Promise<T | undefined> {
  if (deadline === Infinity) return work;
  const stop = new AbortController();
  const left = Math.min(Math.max(0, deadline - clock.now()), longestTimer);
  const late = clock.sleep(left, AbortSignal.any([signal, stop.signal])).then(() => undefined);
  for (const each of [work, late]) each.catch(() => undefined);
  try {
    return await Promise.race([work, late]);
  } finally {
    stop.abort();
  }
}

function untold({ host }: Workspace, runId: string): AirError {
  return new AirError(
    'INTERNAL_ERROR',
    `${host} did not tell the state of run ${runId} before the time was up.`,
    {
      kind: 'TRANSIENT',
      hint: 'Check the network and the host, then wait again. The run is not affected.',
    },
  );
}

function isReached(run: Run, wanted: WaitOptions['for']): boolean {
  if (isOver(run)) return true;
  return wanted === 'running' && run.state?.life_cycle_state === 'RUNNING' && !isWaitingForCompute(run);
}

/** Whether a wait that was not cut short found what it waited for. */
export function isFulfilled(run: Run): boolean {
  return !isOver(run) || hasSucceeded(run);
}
