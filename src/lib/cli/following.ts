import { Interrupted, messageOf } from '../errors.js';
import type { Context } from '../io.js';
import { followRun, type FollowEvent, type FollowOptions, type FollowResult } from '../logs/follow.js';
import { exitCodeOf, type Verdict } from '../runs/verdict.js';
import type { Workspace } from '../workspace/index.js';
import type { Outcome } from './command.js';
import type { Host } from './host.js';
import { targetFlags } from '../workspace/target-flags.js';
import { EventWriter } from './views/log-events.js';
import { LogScreen } from './views/log-screen.js';
import { verdictText } from './views/log-verdict.js';
import { styleOf } from './terminal/style.js';

export interface Following {
  readonly workspace: Workspace;
  readonly runId: string;
  readonly options: FollowOptions;
  readonly context: Context;
  readonly host: Host;
  /** NDJSON events instead of text. */
  readonly json: boolean;
  /** An interrupt cancels the run too. */
  readonly cancelOnInterrupt?: boolean;
  /** Passes on, changes or leaves out each event before it is shown. */
  readonly through?: (event: FollowEvent) => FollowEvent | null;
}

/** Milliseconds in which a cancellation asked for by an interrupt must be accepted. */
const cancelTimeout = 10_000;

/**
 * Shows a run on the screen, or as NDJSON, until it is over: its lines, its changes of state, and in the end its
 * verdict, which decides the exit code. An interrupt ends it at once and says how to go on.
 */
export async function showRun(following: Following): Promise<Outcome<Verdict>> {
  const { host, json, context, through } = following;
  const events = new EventWriter(host.io.stdout, host.clock);
  const screen = new LogScreen(host.io, host.env);
  const show = (event: FollowEvent) => {
    const shown = through ? through(event) : event;
    if (shown === null) return;
    if (json) events.accept(shown);
    if (!json || shown.type === 'note') screen.accept(shown);
  };
  try {
    const result = await untilAborted(drain(following, show), context.signal);
    screen.close();
    if (!json) {
      const style = styleOf(host.io.stderr, host.env);
      const flags = targetFlags(following.workspace.target);
      host.io.stderr.write(verdictText(result.run, result.verdict, { now: host.clock.now(), style, flags }));
    }
    return { data: result.verdict, text: () => '', exitCode: exitCodeOf(result.run) };
  } catch (error) {
    screen.close();
    if (!(error instanceof Interrupted)) throw error;
    throw await farewell(error, following);
  }
}

async function drain(
  { workspace, runId, options, context }: Following,
  show: (event: FollowEvent) => void,
): Promise<FollowResult> {
  const events = followRun(workspace, runId, options, context);
  for (;;) {
    const next = await events.next();
    if (next.done) return next.value;
    if (context.signal.aborted) throw context.signal.reason as Error;
    show(next.value);
  }
}

/** The work's result, or the interrupt at once: a request that hangs is left behind. */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  // What becomes of work that is left behind concerns nobody; unheard, it would end the process.
  work.catch(() => undefined);
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** What the user is told when following was interrupted; the run's fate is said in plain words. */
async function farewell(
  interrupt: Interrupted,
  { workspace, runId, cancelOnInterrupt }: Following,
): Promise<Interrupted> {
  if (cancelOnInterrupt) return cancelAfter(interrupt, workspace, runId);
  const { resume, cancel } = commandsFor(workspace, runId);
  return new Interrupted(interrupt.signal, `Stopped following. Run ${runId} is not affected and goes on.`, {
    hint: `Follow it again: ${resume}\n      Cancel it:       ${cancel}`,
  });
}

/** Cancels a run because the command was interrupted; answers what the user is told. */
export async function cancelAfter(
  { signal }: Interrupted,
  workspace: Workspace,
  runId: string,
): Promise<Interrupted> {
  const { resume, cancel } = commandsFor(workspace, runId);
  try {
    await workspace.jobs.cancel(runId, { ownSignal: AbortSignal.timeout(cancelTimeout) });
  } catch (error) {
    const message = `Interrupted, and run ${runId} could not be cancelled: ${messageOf(error)}`;
    return new Interrupted(signal, message, { hint: `Cancel it: ${cancel}` });
  }
  return new Interrupted(signal, `Interrupted. Run ${runId} was asked to cancel.`, {
    hint: `See its last lines: ${resume}`,
  });
}

function commandsFor({ target }: Workspace, runId: string): { resume: string; cancel: string } {
  const flags = targetFlags(target);
  return { resume: `air logs ${runId}${flags}`, cancel: `air cancel ${runId}${flags}` };
}
