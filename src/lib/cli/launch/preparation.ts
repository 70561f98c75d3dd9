import type { LoadedConfig } from '../../config/types.js';
import { planLaunch, type LaunchPlan } from '../../launch/plan.js';
import type { SnapshotPlan } from '../../launch/snapshot/index.js';
import { renderBytes } from '../../size.js';
import type { Outcome } from '../command.js';
import type { PlanNote } from '../plugins/events.js';
import { LaunchHooks } from '../plugins/hooks.js';
import { planData, renderPlan, type PlanData } from '../views/plan.js';
import { LogSpinner } from '../terminal/log-spinner.js';
import { readWorkload } from '../workload-file.js';
import { note, type LaunchSurroundings } from './surroundings.js';

/** What the user asks a launch for. */
export interface LaunchRequest {
  readonly file: string;
  readonly overrides: readonly string[];
  /** `--idempotency-key`. */
  readonly key: string | undefined;
  readonly local: boolean;
  readonly dryRun: boolean;
}

/** A launch that is worked out and reviewed; nothing has been sent. */
export interface PreparedLaunch {
  readonly loaded: LoadedConfig;
  readonly plan: LaunchPlan;
  readonly key: string | undefined;
  /** What plugins say about the plan. */
  readonly notes: readonly PlanNote[];
  readonly hooks: LaunchHooks;
}

export interface DryRunData {
  status: 'DRY_RUN_OK';
  dry_run: true;
  plan: PlanData;
}

/** Reads the workload, plans its launch and lets plugins review the plan. Asks no workspace. */
export async function prepareLaunch(
  request: LaunchRequest,
  surroundings: LaunchSurroundings,
): Promise<PreparedLaunch> {
  const { config, host, context, json, warn } = surroundings;
  const hooks = new LaunchHooks(config, { signal: context.signal, warn });
  const loaded = await readWorkload(request.file, request.overrides, { host, context, hooks, warn });
  const plan = await planOf(loaded, surroundings);
  const notes = await hooks.review(() => ({
    plan: shownPlan(plan, request.key),
    local: request.local,
    dryRun: request.dryRun,
  }));
  if (!json) for (const { plugin, message } of notes) note(host, `${plugin}: ${message}`);
  return { loaded, plan, key: request.key, notes, hooks };
}

/** The outcome of a dry run: the plan itself. */
export function showPlan({ plan, key }: PreparedLaunch): Outcome<DryRunData> {
  const data = shownPlan(plan, key);
  return {
    data: { status: 'DRY_RUN_OK', dry_run: true, plan: data },
    text: async () => renderPlan(data, await isUncommitted(plan)),
  };
}

async function isUncommitted({ snapshot }: LaunchPlan): Promise<boolean> {
  if (snapshot === null) return false;
  const { hasUncommittedChanges } = await import('../../launch/snapshot/index.js');
  return hasUncommittedChanges(snapshot);
}

async function planOf(loaded: LoadedConfig, surroundings: LaunchSurroundings): Promise<LaunchPlan> {
  const snapshot = await snapshotOf(loaded, surroundings);
  const runtimeImage = surroundings.host.env['DATABRICKS_DL_RUNTIME_IMAGE'];
  return planLaunch(loaded, { runtimeImage, snapshot });
}

async function snapshotOf(
  loaded: LoadedConfig,
  { config, host, context, json, warn }: LaunchSurroundings,
): Promise<SnapshotPlan | null> {
  if (!loaded.config.code_source) return null;
  const { planCode } = await import('../../launch/code.js');
  const spinner = new LogSpinner(host.io.stderr);
  try {
    const snapshot = await planCode(loaded, {
      cacheDirectory: config.cacheDir,
      env: host.env,
      context,
      ...(json ? {} : { onProgress: (done) => spinner.show(readingText(done)) }),
    });
    spinner.clear();
    for (const message of snapshot?.warnings ?? []) warn({ message });
    return snapshot;
  } finally {
    spinner.clear();
  }
}

function readingText({ files, bytes }: { files: number; bytes: number }): string {
  return `Reading the code: ${files} new or changed ${files === 1 ? 'file' : 'files'}, ${renderBytes(bytes)}...`;
}

function shownPlan(plan: LaunchPlan, key: string | undefined): PlanData {
  return planData(plan, key ?? plan.config.idempotency_token);
}
