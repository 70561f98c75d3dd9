import { join } from 'node:path';
import { AirCommand, Flags, type Outcome } from '../lib/cli/command.js';
import { AirError, Interrupted } from '../lib/errors.js';
import type { PlanData } from '../lib/cli/views/plan.js';
import type { AppliedOverride, LoadedConfig } from '../lib/config/types.js';
import type { LaunchPlan } from '../lib/launch/plan.js';
import type { Launched } from '../lib/launch/submit.js';
import type { Workspace } from '../lib/workspace/index.js';

/** The service's limit on idempotency tokens, in bytes. */
const longestKey = 64;

interface RunData {
  status: string;
  run_id?: string;
  dashboard_url?: string;
  /** True when the run had been submitted before. */
  existing?: boolean;
  dry_run?: boolean;
  plan?: PlanData;
}

export default class Run extends AirCommand<RunData> {
  static override summary = 'submit a training run from a workload file';
  static override description = [
    'Checks the whole file first, then uploads the command, its parameters and the code, and submits one run.',
    'A submission that was cut short is resumed by running the same command again: there is never a second run.',
    'For the fields of the file type: air run -h config, or air run -h config.compute',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> run --file train.yaml --watch',
    '<%= config.bin %> run --file train.yaml --local --watch',
    '<%= config.bin %> run --file train.yaml --override compute.num_accelerators=16 --dry-run',
  ];
  static override flags = {
    file: Flags.string({ char: 'f', summary: 'the workload file', required: true, helpValue: 'FILE' }),
    override: Flags.string({
      summary: 'set a field of the file, as PATH=VALUE; can be given several times',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'PATH=VALUE',
    }),
    'dry-run': Flags.boolean({ summary: 'check everything and show the plan; send nothing' }),
    watch: Flags.boolean({ summary: 'follow the logs until the run ends, and exit by its outcome' }),
    'cancel-on-interrupt': Flags.boolean({
      summary: 'cancel the run when the watching is interrupted',
      dependsOn: ['watch'],
    }),
    'idempotency-key': Flags.string({
      summary: 'submit at most one run under this key, from any machine (at most 64 characters)',
      helpValue: 'KEY',
    }),
  };

  protected override readonly answersInterrupt = true;

  protected override async work(): Promise<Outcome<RunData>> {
    const { flags } = await this.parse(Run);
    const key = checkedKey(flags['idempotency-key']);
    const loaded = await this.load(flags.file, flags.override ?? []);
    const plan = await this.plan(loaded);
    if (flags['dry-run']) return this.dryRun(plan, key);

    const workspace = await this.openWorkspace(flags);
    const launched = await this.launch(workspace, loaded, plan, key);
    return this.submitted(workspace, launched);
  }

  private async load(file: string, overrides: string[]): Promise<LoadedConfig> {
    const { loadConfig } = await import('../lib/config/load.js');
    const loaded = await loadConfig(file, { overrides });
    for (const change of loaded.overrides) this.note(overrideLine(change));
    for (const warning of loaded.warnings) this.addWarning(warning);
    return loaded;
  }

  private async plan(loaded: LoadedConfig): Promise<LaunchPlan> {
    const { planLaunch } = await import('../lib/launch/plan.js');
    const source = loaded.config.code_source;
    let snapshot = null;
    if (source) {
      const { planSnapshot } = await import('../lib/launch/snapshot/index.js');
      snapshot = await planSnapshot(source, {
        configDirectory: loaded.directory,
        cacheDirectory: this.config.cacheDir,
        env: this.host.env,
        context: this.context,
      });
      for (const warning of snapshot.warnings) this.addWarning({ message: warning });
    }
    return planLaunch(loaded, { runtimeImage: this.host.env['DATABRICKS_DL_RUNTIME_IMAGE'], snapshot });
  }

  private async dryRun(plan: LaunchPlan, key: string | undefined): Promise<Outcome<RunData>> {
    const { planData, renderPlan } = await import('../lib/cli/views/plan.js');
    const data = planData(plan, key ?? plan.config.idempotency_token);
    return {
      data: { status: 'DRY_RUN_OK', dry_run: true, plan: data },
      text: () => renderPlan(data),
    };
  }

  private async launch(
    workspace: Workspace,
    loaded: LoadedConfig,
    plan: LaunchPlan,
    idempotencyKey: string | undefined,
  ): Promise<Launched> {
    const { launch } = await import('../lib/launch/submit.js');
    const launched = await launch(
      workspace,
      {
        loaded,
        plan,
        idempotencyKey,
        baseDirectory: this.host.env['DATABRICKS_INTERNAL_USER_WORKSPACE_DIR'],
        journalDirectory: join(this.config.dataDir, 'submissions'),
        announce: ({ userName }) => {
          if (!this.json)
            this.note(`Submitting ${plan.config.experiment_name} to ${workspace.host} as ${userName}`);
        },
      },
      this.context,
    );
    for (const message of launched.warnings) this.addWarning({ message });
    if (launched.interrupted) {
      throw new Interrupted('SIGINT', `Run ${launched.runId} was submitted and goes on.`, {
        hint: `Follow it: air logs ${launched.runId}. Stop it: air cancel ${launched.runId}`,
      });
    }
    return launched;
  }

  private async submitted(workspace: Workspace, launched: Launched): Promise<Outcome<RunData>> {
    const { dashboardUrl } = await import('../lib/runs/links.js');
    const url = dashboardUrl(workspace.host, launched.runId, launched.workspaceId);
    return {
      data: {
        status: 'PENDING',
        run_id: launched.runId,
        dashboard_url: url,
        ...(launched.existing ? { existing: true } : {}),
      },
      text: () =>
        launched.existing
          ? `Already submitted as run ${launched.runId}.\nRun page: ${url}\n`
          : `Submitted run ${launched.runId}.\nRun page: ${url}\n`,
      printed: launched.reported,
    };
  }
}

function checkedKey(key: string | undefined): string | undefined {
  if (key === undefined) return undefined;
  const trimmed = key.trim();
  const length = Buffer.byteLength(trimmed);
  if (length > 0 && length <= longestKey) return trimmed;
  throw new AirError(
    'INVALID_ARGS',
    length === 0
      ? '--idempotency-key is empty.'
      : `--idempotency-key is ${length} bytes long; at most ${longestKey} are accepted.`,
  );
}

function overrideLine({ path, from, to }: AppliedOverride): string {
  return from === null ? `Override: ${path} set to ${to}` : `Override: ${path} changed from ${from} to ${to}`;
}
