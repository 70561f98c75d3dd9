import { join } from 'node:path';
import {
  InterruptedAfterSubmission,
  launch,
  throwIfInterrupted,
  type Launched,
} from '../../launch/submit.js';
import type { Verdict } from '../../runs/verdict.js';
import type { Workspace } from '../../workspace/index.js';
import type { Outcome } from '../command.js';
import { styleOf } from '../terminal/style.js';
import { LaunchScreen } from '../views/launch-screen.js';
import {
  followHint,
  renderSubmission,
  submissionData,
  submittedEvent,
  type SubmissionData,
} from '../views/submission.js';
import type { PreparedLaunch } from './preparation.js';
import { note, type LaunchSurroundings } from './surroundings.js';

/** How long a new MLflow experiment is waited for to share it; milliseconds. */
const sharePatience = 2_000;

/** A submission, or the verdict of a watched run. */
export type SubmittedData = (SubmissionData | Verdict) & {
  /** With --local: what the run finds otherwise than on Databricks. */
  differences?: string[];
};

/** How much of the run is shown. */
export interface Attention {
  /** Until the run is over, instead of its submission alone. */
  readonly watch: boolean;
  readonly cancelOnInterrupt: boolean;
}

/** A run that the workspace has taken, and all that its telling needs. */
interface Submission extends LaunchSurroundings, PreparedLaunch {
  readonly workspace: Workspace;
  readonly launched: Launched;
  readonly data: SubmissionData;
}

/** Submits what was prepared, once, and tells of it: the run's id, or the whole run when it is watched. */
export async function submitLaunch(
  workspace: Workspace,
  prepared: PreparedLaunch,
  attention: Attention,
  surroundings: LaunchSurroundings,
): Promise<Outcome<SubmittedData>> {
  const launched = await launchOnScreen(workspace, prepared, surroundings).catch((error: unknown) =>
    cancelInterrupted(error, workspace, attention),
  );
  const differences = workspace.target.local ? await tellDifferences(prepared, surroundings) : undefined;
  const data = submissionData(workspace.host, launched);
  const submission = { ...surroundings, ...prepared, workspace, launched, data };
  const outcome = attention.watch
    ? await watchRun(submission, attention.cancelOnInterrupt)
    : await announceRun(submission);
  return differences ? { ...outcome, data: { ...outcome.data, differences } } : outcome;
}

async function launchOnScreen(
  workspace: Workspace,
  { loaded, plan, key }: PreparedLaunch,
  { config, host, context, json, warn }: LaunchSurroundings,
): Promise<Launched> {
  const screen = new LaunchScreen(host.io.stderr, workspace.target, plan, { silent: json, warn });
  try {
    const launched = await launch(
      workspace,
      {
        loaded,
        plan,
        idempotencyKey: key,
        baseDirectory: host.env['DATABRICKS_INTERNAL_USER_WORKSPACE_DIR'],
        journalDirectory: join(config.dataDir, 'submissions'),
        docker: { env: host.env, homeDirectory: config.home },
        progress: screen,
      },
      context,
    );
    screen.close();
    for (const message of launched.warnings) warn({ message });
    throwIfInterrupted(launched.runId, workspace, context);
    return launched;
  } finally {
    screen.close();
  }
}

/** A run that was submitted before the interrupt came through is cancelled, where that was asked for. */
async function cancelInterrupted(
  error: unknown,
  workspace: Workspace,
  { cancelOnInterrupt }: Attention,
): Promise<never> {
  if (!cancelOnInterrupt || !(error instanceof InterruptedAfterSubmission)) throw error;
  const { cancelAfter } = await import('../following.js');
  throw await cancelAfter(error, workspace, error.runId);
}

async function tellDifferences(
  { loaded, plan }: PreparedLaunch,
  { config, host, json }: LaunchSurroundings,
): Promise<string[]> {
  const { localRunNotes } = await import('../local-run.js');
  const { differences, lines } = localRunNotes(plan, loaded.hyperparameters, config.dataDir, host.env);
  if (!json) for (const line of lines) note(host, line);
  return differences;
}

/** Ends with the submission. The experiment is shared after the good news in text, before it in JSON. */
async function announceRun(submission: Submission): Promise<Outcome<SubmissionData>> {
  const { workspace, launched, data, hooks, host, json } = submission;
  if (json) await shareExperiment(submission, sharePatience);
  await hooks.submitted(newsOf(submission));
  return {
    data,
    text: () => renderSubmission(data, styleOf(host.io.stdout, host.env)),
    printed: async () => {
      await launched.reported();
      if (json) return;
      note(host, followHint(data, workspace.target));
      await shareExperiment(submission, sharePatience);
    },
  };
}

/** Shows the submission at once, then the run until it is over. */
async function watchRun(submission: Submission, cancelOnInterrupt: boolean): Promise<Outcome<Verdict>> {
  const { workspace, launched, data, hooks, host, context, json } = submission;
  const { stdout } = host.io;
  stdout.write(
    json
      ? `${JSON.stringify(submittedEvent(host.clock.now(), data))}\n`
      : renderSubmission(data, styleOf(stdout, host.env)),
  );
  await launched.reported();
  void shareExperiment(submission, Infinity).catch(() => undefined);
  const news = newsOf(submission);
  const told = hooks.submitted(news);
  const { showRun } = await import('../following.js');
  const outcome = await showRun({
    workspace,
    runId: launched.runId,
    options: {
      attempt: launched.existing ? 'latest' : 'first',
      nodes: null,
      tail: null,
      since: null,
      until: null,
      follow: true,
    },
    context,
    host,
    json,
    cancelOnInterrupt,
  });
  await told;
  const { status, termination_reason } = outcome.data;
  await hooks.finished({ ...news, status, termination_reason });
  return outcome;
}

async function shareExperiment(submission: Submission, patience: number): Promise<void> {
  const { workspace, plan, launched, context, warn } = submission;
  if (!plan.config.permissions?.length) return;
  const permissions = await import('../../launch/permissions.js');
  const { runId } = launched;
  const warnings = await permissions.shareExperiment(workspace, plan.config, runId, patience, context);
  for (const message of warnings) warn({ message });
}

/** What plugins are told of a run. */
function newsOf({ workspace: { target }, plan, data }: Submission) {
  const { run_id, dashboard_url, existing = false } = data;
  const { experiment_name } = plan.config;
  return { run_id, experiment_name, dashboard_url, host: target.host, local: target.local, existing };
}
