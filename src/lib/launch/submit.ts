import { randomUUID } from 'node:crypto';
import { AirError, Interrupted } from '../errors.js';
import type { LoadedConfig, WorkloadConfig } from '../config/types.js';
import { checkRegisteredImage, type DockerPlace, type RegistrationStep } from '../images/index.js';
import type { Context } from '../io.js';
import type { Workspace } from '../workspace/index.js';
import { targetFlags } from '../workspace/target-flags.js';
import { Journal, workloadDigest, type OpenEntry } from './journal.js';
import { submitRequest, validationRequest, type LaunchPlaces } from './payload.js';
import type { LaunchPlan } from './plan.js';
import { resolveUsagePolicy } from './policy.js';
import { preflight } from './preflight.js';
import { archivePath, findCode, stageLaunch, type CodeDestination, type StagingProgress } from './stage.js';

export interface LaunchOptions {
  loaded: LoadedConfig;
  plan: LaunchPlan;
  /** `--idempotency-key`; it beats the file's own token. */
  idempotencyKey: string | undefined;
  /** Takes the place of `/Workspace/Users/<user>` as the folder of everything that is uploaded. */
  baseDirectory: string | undefined;
  /** Where the journal of submissions lies. */
  journalDirectory: string;
  docker: DockerPlace;
  progress?: LaunchProgress;
}

/** Told what goes on; all of it may be left out. */
export interface LaunchProgress extends StagingProgress {
  /** Who submits, before anything is sent that changes something. */
  identified?(userName: string): void;
  /** An earlier submission is taken up again; milliseconds since the epoch. */
  resuming?(since: number): void;
  step?(words: string): void;
  /** What goes on with the image that the run names. */
  image?(step: RegistrationStep): void;
}

export interface Launched {
  runId: string;
  /** The run was there already: this command started nothing. */
  existing: boolean;
  workspaceId: string | null;
  warnings: string[];
  /** Marks the run as shown to the user: from now on a new `air run` is a new run. */
  reported: () => Promise<void>;
}

/** How long the answer to a submission is waited for once the user has interrupted the command. */
const interruptGrace = 2_000;

/**
 * Submits a planned workload, exactly once: whatever is lost on the way, the same submission taken up again
 * ends in the same run. Nothing is uploaded before the server's check, the policy and the token are settled.
 */
export async function launch(
  workspace: Workspace,
  options: LaunchOptions,
  context: Context,
): Promise<Launched> {
  const { loaded, plan } = options;
  const { config } = plan;
  const givenToken = options.idempotencyKey ?? config.idempotency_token;

  options.progress?.step?.('Checking the workload');
  const [me, policyId, missingDirectory] = await Promise.all([
    workspace.me(),
    // A workspace on the user's own machine has no policies; a workload that names one still runs there.
    config.usage_policy_name === undefined || workspace.target.local
      ? config.usage_policy_id
      : resolveUsagePolicy(workspace, config.usage_policy_name),
    missingExperimentDirectory(workspace, config.mlflow_experiment_directory),
  ]);
  options.progress?.identified?.(me.userName);

  const base = options.baseDirectory ?? `/Workspace/Users/${me.userName}`;
  const journal = new Journal(options.journalDirectory, () => context.clock.now());
  const key = { host: workspace.host, user: me.userName, digest: digestOf(loaded, plan, policyId) };
  const resumed = givenToken === undefined ? await journal.adopt(key) : null;
  if (resumed) options.progress?.resuming?.(resumed.entry.createdAt);
  const result = (runId: string, entry: OpenEntry, existing: boolean, warnings: string[]): Launched => ({
    runId,
    existing,
    workspaceId: me.workspaceId,
    warnings,
    reported: () => entry.advance('reported'),
  });
  if (resumed?.entry.runId) return result(resumed.entry.runId, resumed, true, []);

  const folder = resumed?.entry.folder ?? launchFolder(base, plan);
  const codePath =
    plan.snapshot === null ? null : archivePath(plan.snapshot, config.code_source?.remote_volume, base);
  const places: LaunchPlaces = { folder, code: codePath };
  const token = resumed?.entry.token ?? givenToken ?? randomUUID();

  const warnings: string[] = [];
  const checked = preflight(workspace, validationRequest(plan, places, token), loaded);
  const [warning, code] = await Promise.all([
    checked,
    codePath === null ? null : findCode(workspace, codePath),
    settleImage(workspace, config, checked, options, context),
  ]);
  if (warning !== null) warnings.push(warning);

  const entry = resumed ?? (await journal.begin({ ...key, token, folder }));
  if (entry.entry.state === 'prepared') {
    await stageOrForget(entry, code);
    await entry.advance('sent');
  }
  options.progress?.step?.('Submitting');
  const runId = await submitOnce(workspace, plan, places, { token, policyId }, entry, context);
  const ours = givenToken === undefined || (await isOurs(workspace, runId, folder, context));
  return result(runId, entry, !ours, warnings);

  async function stageOrForget(opened: OpenEntry, destination: CodeDestination | null): Promise<void> {
    options.progress?.step?.('Uploading');
    try {
      const report = await stageLaunch(
        workspace,
        plan,
        { folder, code: destination, experimentDirectory: missingDirectory },
        context,
        options.progress ?? {},
      );
      warnings.push(...report.warnings);
      context.signal.throwIfAborted();
    } catch (error) {
      await opened.discard();
      throw error;
    }
  }
}

/**
 * Sees that the run's image is there. Looking goes on beside the server's check, whose findings come first;
 * registering a newer version changes the workspace, and so waits for that check.
 */
async function settleImage(
  workspace: Workspace,
  { environment }: WorkloadConfig,
  checked: Promise<unknown>,
  { docker, progress }: LaunchOptions,
  context: Context,
): Promise<void> {
  if (environment?.docker_image === undefined) return;
  const {
    url,
    tag_policy: tagPolicy = 'auto',
    credentials_scope: scope,
    credentials_key: key,
  } = environment.docker_image;
  if (tagPolicy === 'latest') await checked;
  try {
    await checkRegisteredImage(workspace, context, {
      url,
      tagPolicy,
      ...(scope !== undefined && key !== undefined ? { credentials: { scope, key } } : {}),
      docker,
      report: (step) => progress?.image?.(step),
    });
  } catch (error) {
    await checked;
    throw error;
  }
}

/** Sends the submission. An interrupt while it is under way leaves the answer two seconds to arrive. */
async function submitOnce(
  workspace: Workspace,
  plan: LaunchPlan,
  places: LaunchPlaces,
  choices: { token: string; policyId: string | undefined },
  entry: OpenEntry,
  context: Context,
): Promise<string> {
  const patience = new AbortController();
  const onInterrupt = () => {
    setTimeout(() => patience.abort(context.signal.reason), interruptGrace).unref();
  };
  context.signal.addEventListener('abort', onInterrupt, { once: true });
  try {
    const runId = await workspace.jobs.submit(submitRequest(plan, places, choices), {
      ownSignal: patience.signal,
    });
    await entry.advance('accepted', runId);
    throwIfInterrupted(runId, workspace, context);
    return runId;
  } catch (error) {
    if (patience.signal.aborted) throw lostAnswer(context.signal.reason as Interrupted, workspace);
    if (error instanceof Interrupted) throw error;
    // A refusal is an answer: there is nothing to resume. After anything else the run may exist.
    if (error instanceof AirError && error.kind !== 'TRANSIENT') await entry.discard();
    throw error instanceof AirError && error.kind === 'TRANSIENT' ? mayExist(error, workspace) : error;
  } finally {
    context.signal.removeEventListener('abort', onInterrupt);
  }
}

/** Throws {@link InterruptedAfterSubmission} once the user has interrupted the command. */
export function throwIfInterrupted(runId: string, workspace: Workspace, { signal }: Context): void {
  if (signal.aborted) throw new InterruptedAfterSubmission(runId, signal.reason as Interrupted, workspace);
}

/** Interrupted, but the answer came in time: the run is there, and the user learns its id. */
export class InterruptedAfterSubmission extends Interrupted {
  constructor(
    readonly runId: string,
    { signal }: Interrupted,
    { target }: Workspace,
  ) {
    const flags = targetFlags(target);
    super(signal, `Interrupted. Run ${runId} was submitted and goes on.`, {
      hint: `Follow it: air logs ${runId}${flags}\n      Cancel it: air cancel ${runId}${flags}`,
    });
  }
}

function resumeHint({ target }: Workspace): string {
  const resume = 'Run the same command again: it resumes this submission and never starts a second run.';
  return `${resume} Or look for the run: air list${targetFlags(target)}`;
}

function lostAnswer(interrupt: Interrupted, workspace: Workspace): Interrupted {
  return new Interrupted(
    interrupt.signal,
    'Interrupted before the workspace answered: the run may have been submitted.',
    { hint: resumeHint(workspace) },
  );
}

function mayExist(error: AirError, workspace: Workspace): AirError {
  return new AirError(error.code, `The submission got no clear answer: ${error.message}`, {
    kind: error.kind,
    hint: resumeHint(workspace),
    cause: error,
  });
}

/** Whether the run behind a token the user gave is the one of this launch: it runs this folder's command. */
async function isOurs(
  workspace: Workspace,
  runId: string,
  folder: string,
  context: Context,
): Promise<boolean> {
  const run = await workspace.jobs.get(runId).catch((error: unknown) => {
    throwIfInterrupted(runId, workspace, context);
    throw error;
  });
  const command = run.tasks?.[0]?.ai_runtime_task?.deployments?.[0]?.command_path;
  return command === undefined || command === `${folder}/command.sh`;
}

/** The experiment's folder when it has to be made first; null when it is there or none was named. */
async function missingExperimentDirectory(
  workspace: Workspace,
  path: string | undefined,
): Promise<string | null> {
  if (path === undefined) return null;
  const found = await workspace.files.status(path);
  if (found === null) return path;
  if (found.object_type !== undefined && found.object_type !== 'DIRECTORY') {
    throw new AirError(
      'INVALID_CONFIG',
      `mlflow_experiment_directory ${path} is a ${found.object_type}, not a folder.`,
      {
        hint: 'Name a workspace folder, or leave the field out: the experiment then lies in your own folder.',
      },
    );
  }
  return null;
}

/** A new folder for this launch alone: `<base>/.air/cli_launch/<experiment>/<run name>_<16 hex>`. */
function launchFolder(base: string, { config }: LaunchPlan): string {
  const suffix = randomUUID().replaceAll('-', '').slice(0, 16);
  const leaf = config.mlflow_run_name ?? config.experiment_name;
  return `${base}/.air/cli_launch/${config.experiment_name}/${leaf}_${suffix}`;
}

function digestOf(loaded: LoadedConfig, plan: LaunchPlan, policyId: string | undefined): string {
  return workloadDigest([
    loaded.trainingConfig,
    JSON.stringify(plan.environments),
    policyId ?? null,
    plan.snapshot?.name ?? null,
  ]);
}
