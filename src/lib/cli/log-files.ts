import { Interrupted } from '../errors.js';
import type { Context } from '../io.js';
import { downloadLogs, type Download, type DownloadOptions } from '../logs/download/index.js';
import { reviewRun, type ReviewedNode, type ReviewOptions } from '../logs/review.js';
import { exitCodeOf, type Verdict } from '../runs/verdict.js';
import type { Workspace } from '../workspace/index.js';
import { targetFlags } from '../workspace/target-flags.js';
import type { Outcome } from './command.js';
import { untilAborted } from './following.js';
import type { Host } from './host.js';
import { downloadText, downloadWarnings } from './views/log-download.js';
import { reviewText } from './views/log-review.js';
import { LogSpinner } from './terminal/log-spinner.js';
import { styleOf } from './terminal/style.js';
import { shellWord } from '../shell-word.js';
import { renderBytes } from '../size.js';

interface Surroundings {
  readonly runId: string;
  readonly context: Context;
  readonly host: Host;
  readonly json: boolean;
}

/** Writes a run's logs to files and says which; the exit code tells the run's state. */
export async function downloadRun(
  workspace: Workspace,
  options: DownloadOptions,
  { runId, context, host, json }: Surroundings,
): Promise<Outcome<Verdict & Download>> {
  const spinner = new LogSpinner(host.io.stderr);
  const progress = (bytes: number, done: number, nodes: number) => {
    if (!json) spinner.show(`Downloading: ${renderBytes(bytes)}, ${done} of ${nodes} nodes done`);
  };
  try {
    const work = downloadLogs(workspace, runId, { ...options, progress }, context);
    const { run, verdict, download } = await untilAborted(work, context.signal);
    spinner.clear();
    if (!json)
      for (const warning of downloadWarnings(download)) host.io.stderr.write(`Warning: ${warning}\n`);
    return {
      data: { ...verdict, ...download },
      text: () => downloadText(download),
      exitCode: exitCodeOf(run),
    };
  } catch (error) {
    spinner.clear();
    if (!(error instanceof Interrupted)) throw error;
    const again = `air logs ${runId} --download-to ${shellWord(options.directory)}${targetFlags(workspace.target)}`;
    throw new Interrupted(error.signal, 'Stopped. What was downloaded is kept.', {
      hint: `Go on with it: ${again}`,
    });
  }
}

/** Shows the last lines of every node, those that look like errors marked. */
export async function showReview(
  workspace: Workspace,
  options: ReviewOptions,
  { runId, context, host }: Surroundings,
): Promise<Outcome<Verdict & { nodes: ReviewedNode[] }>> {
  const { run, verdict, nodes } = await untilAborted(
    reviewRun(workspace, runId, options, context),
    context.signal,
  );
  return {
    data: { ...verdict, nodes },
    text: () => reviewText(nodes, styleOf(host.io.stdout, host.env)),
    exitCode: exitCodeOf(run),
  };
}
