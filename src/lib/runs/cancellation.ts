import { AirError, messageOf } from '../errors.js';
import { idText } from '../workspace/contract/index.js';
import type { Run, Workspace } from '../workspace/index.js';
import { isOver, statusWord } from './status.js';
import { isTrainingRun } from './training.js';

export interface Cancellation {
  /** The runs whose cancellation the workspace took. */
  readonly cancelled: string[];
  /** Those of them that are over already: the workspace takes the cancellation of a finished run too. */
  readonly ended: { run_id: string; status: string }[];
  readonly failed: { run_id: string; error: string }[];
  /** The first failure, in the order of the ids; it decides the exit code. */
  readonly firstFailure: AirError | null;
}

const atOnce = 8;
/** Milliseconds for the state of a run that was cancelled: the cancellation stands without it. */
const patience = 4000;
const pageSize = 25;

/**
 * Asks for the cancellation of every run, several at a time, and looks at each afterwards; one failure does not
 * stop the others.
 */
export async function cancelRuns(workspace: Workspace, runIds: readonly string[]): Promise<Cancellation> {
  const ids = [...new Set(runIds)];
  const failures = new Map<string, unknown>();
  const endings = new Map<string, string>();
  const queue = [...ids];
  const worker = async () => {
    for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
      try {
        await workspace.jobs.cancel(id);
        const ending = await endingOf(workspace, id);
        if (ending !== null) endings.set(id, ending);
      } catch (error) {
        failures.set(id, error);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, ids.length) }, worker));
  const failed = ids.filter((id) => failures.has(id));
  const [first] = failed;
  const reason = first === undefined ? null : failures.get(first);
  if (reason !== null && !(reason instanceof AirError)) throw reason as Error;
  return {
    cancelled: ids.filter((id) => !failures.has(id)),
    ended: ids.flatMap((id) => {
      const status = endings.get(id);
      return status === undefined ? [] : [{ run_id: id, status }];
    }),
    failed: failed.map((id) => ({ run_id: id, error: messageOf(failures.get(id)) })),
    firstFailure: reason,
  };
}

/** The status of a run that is over; null while it goes on, or when it cannot be read. */
async function endingOf(workspace: Workspace, id: string): Promise<string | null> {
  try {
    const run = await workspace.jobs.get(id, { budget: patience });
    return isOver(run) ? statusWord(run) : null;
  } catch {
    return null;
  }
}

/** The caller's training runs that go on, all pages: a list cut short is never cancelled in part. */
export async function activeRunsOf(workspace: Workspace, userName: string): Promise<Run[]> {
  const runs: Run[] = [];
  const seen = new Set<string>();
  let pageToken: string | undefined;
  do {
    const page = await workspace.jobs.list({
      activeOnly: true,
      expandTasks: true,
      limit: pageSize,
      ...(pageToken === undefined ? {} : { pageToken }),
    });
    for (const run of page.runs ?? []) {
      if (run.creator_user_name === userName && isTrainingRun(run) && idText(run.run_id)) runs.push(run);
    }
    pageToken = page.next_page_token || undefined;
    if (pageToken !== undefined && seen.has(pageToken)) {
      throw new AirError(
        'INTERNAL_ERROR',
        'The list of active runs could not be read to its end: nothing was cancelled.',
        {
          kind: 'TRANSIENT',
        },
      );
    }
    if (pageToken !== undefined) seen.add(pageToken);
  } while (pageToken !== undefined);
  return runs;
}
