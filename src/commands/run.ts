import { join } from 'node:path';
import { AirCommand, Flags, type Outcome } from '../lib/cli/command.js';
import type { PlanNote } from '../lib/cli/plugins/events.js';
import { LaunchHooks } from '../lib/cli/plugins/hooks.js';
import { AirError } from '../lib/errors.js';
import { styleOf } from '../lib/cli/terminal/style.js';
import type { PlanData } from '../lib/cli/views/plan.js';
import type { SubmissionData } from '../lib/cli/views/submission.js';
import type { LoadedConfig } from '../lib/config/types.js';
import type { LaunchPlan } from '../lib/launch/plan.js';
import type { Launched } from '../lib/launch/submit.js';
import type { Verdict } from '../lib/runs/verdict.js';
import type { Workspace } from '../lib/workspace/index.js';

/** The service's limit on idempotency tokens, in bytes. */
const longestKey = 64;

/** How long a new MLflow experiment is waited for to share it; milliseconds. */
const sharePatience = 2_000;

/** A dry run's plan, a submission, or the verdict of a watched run; with what plugins note on the plan. */
type RunData = ({ status: 'DRY_RUN_OK'; dry_run: true; plan: PlanData } | SubmissionData | Verdict) & {
  notes?: PlanNote[];
  /** With --local: what the run finds otherwise than on Databricks. */
  differences?: string[];
};

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

  protected override readonly follows = this.argv.includes('--watch') && !this.argv.includes('--dry-run');
  protected override readonly answersInterrupt = true;
  protected override readonly interruptMessage = 'Interrupted. Nothing was submitted.';

  private readonly hooks = new LaunchHooks(this.config, {
    signal: this.signal,
    warn: (warning) => this.addWarning(warning),
  });

  protected override async work(): Promise<Outcome<RunData>> {
    const { flags } = await this.parse(Run);
    const key = checkedKey(flags['idempotency-key']);
    const loaded = await this.load(flags.file, flags.override ?? []);
    const plan = await this.plan(loaded);
    const notes = await this.review(plan, key, flags);
    const outcome = flags['dry-run']
      ? await this.dryRun(plan, key)
      : await this.submit(loaded, plan, key, flags);
    return notes.length === 0 ? outcome : { ...outcome, data: { ...outcome.data, notes } };
  }

  private async submit(
    loaded: LoadedConfig,
    plan: LaunchPlan,
    key: string | undefined,
    flags: { profile?: string | undefined; local: boolean; watch: boolean; 'cancel-on-interrupt': boolean },
  ): Promise<Outcome<RunData>> {
    const workspace = await this.openWorkspace(flags);
    const launched = await this.launch(workspace, loaded, plan, key);
    const differences = workspace.target.local ? await this.tellDifferences(loaded, plan) : undefined;
    const { submissionData } = await import('../lib/cli/views/submission.js');
    const submission = submissionData(workspace.host, launched);
    const outcome = flags.watch
      ? await this.watch(workspace, plan, launched, submission, flags['cancel-on-interrupt'])
      : await this.submitted(workspace, plan, launched, submission);
    return differences ? { ...outcome, data: { ...outcome.data, differences } } : outcome;
  }

  private async tellDifferences({ hyperparameters }: LoadedConfig, plan: LaunchPlan): Promise<string[]> {
    const { localRunNotes } = await import('../lib/cli/local-run.js');
    const notes = localRunNotes(plan, hyperparameters, this.config.dataDir, this.host.env);
    if (!this.json) for (const line of notes.lines) this.note(line);
    return notes.differences;
  }

  private async load(file: string, overrides: string[]): Promise<LoadedConfig> {
    const { loadConfig } = await import('../lib/config/load.js');
    const loaded = await loadConfig(file, {
      overrides,
      amend: (workload) => this.hooks.amend(file, workload),
    });
    const { overrideLine } = await import('../lib/cli/views/submission.js');
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
      for (const message of snapshot.warnings) this.addWarning({ message });
    }
    return planLaunch(loaded, { runtimeImage: this.host.env['DATABRICKS_DL_RUNTIME_IMAGE'], snapshot });
  }

  /** What plugins say about the plan: a refusal ends the command, notes are shown. */
  private async review(
    plan: LaunchPlan,
    key: string | undefined,
    flags: { local: boolean; 'dry-run': boolean },
  ): Promise<PlanNote[]> {
    const notes = await this.hooks.review(async () => {
      const { planData } = await import('../lib/cli/views/plan.js');
      const data = planData(plan, key ?? plan.config.idempotency_token);
      return { plan: data, local: flags.local, dryRun: flags['dry-run'] };
    });
    if (!this.json) for (const { plugin, message } of notes) this.note(`${plugin}: ${message}`);
    return notes;
  }

  private async dryRun(plan: LaunchPlan, key: string | undefined): Promise<Outcome<RunData>> {
    const { planData, renderPlan } = await import('../lib/cli/views/plan.js');
    const data = planData(plan, key ?? plan.config.idempotency_token);
    return { data: { status: 'DRY_RUN_OK', dry_run: true, plan: data }, text: () => renderPlan(data) };
  }

  private async launch(
    workspace: Workspace,
    loaded: LoadedConfig,
    plan: LaunchPlan,
    idempotencyKey: string | undefined,
  ): Promise<Launched> {
    const { launch } = await import('../lib/launch/submit.js');
    const { LaunchScreen } = await import('../lib/cli/views/launch-screen.js');
    const screen = new LaunchScreen(this.host.io.stderr, workspace.target, plan, {
      silent: this.json,
      warn: (warning) => this.addWarning(warning),
    });
    try {
      const launched = await launch(
        workspace,
        {
          loaded,
          plan,
          idempotencyKey,
          baseDirectory: this.host.env['DATABRICKS_INTERNAL_USER_WORKSPACE_DIR'],
          journalDirectory: join(this.config.dataDir, 'submissions'),
          docker: { env: this.host.env, homeDirectory: this.config.home },
          progress: screen,
        },
        this.context,
      );
      screen.close();
      for (const message of launched.warnings) this.addWarning({ message });
      this.signal.throwIfAborted();
      return launched;
    } finally {
      screen.close();
    }
  }

  /** Ends with the submission. The experiment is shared after the good news in text, before it in JSON. */
  private async submitted(
    workspace: Workspace,
    plan: LaunchPlan,
    launched: Launched,
    data: SubmissionData,
  ): Promise<Outcome<RunData>> {
    if (this.json) await this.share(workspace, plan, launched, sharePatience);
    await this.hooks.submitted(submittedNews(workspace, plan, data));
    const { renderSubmission, followHint } = await import('../lib/cli/views/submission.js');
    return {
      data,
      text: () => renderSubmission(data, this.stdoutStyle),
      printed: async () => {
        await launched.reported();
        if (this.json) return;
        this.note(followHint(data, workspace.target));
        await this.share(workspace, plan, launched, sharePatience);
      },
    };
  }

  /** Shows the submission at once, then the run until it is over. */
  private async watch(
    workspace: Workspace,
    plan: LaunchPlan,
    launched: Launched,
    data: SubmissionData,
    cancelOnInterrupt: boolean,
  ): Promise<Outcome<RunData>> {
    const { renderSubmission, submittedEvent } = await import('../lib/cli/views/submission.js');
    if (this.json) this.emit(submittedEvent(this.host.clock.now(), data));
    else this.host.io.stdout.write(renderSubmission(data, this.stdoutStyle));
    await launched.reported();
    void this.share(workspace, plan, launched, Infinity).catch(() => undefined);
    const news = submittedNews(workspace, plan, data);
    const told = this.hooks.submitted(news);
    const { showRun } = await import('../lib/cli/following.js');
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
      context: this.context,
      host: this.host,
      json: this.json,
      cancelOnInterrupt,
    });
    await told;
    const { status, termination_reason } = outcome.data;
    await this.hooks.finished({ ...news, status, termination_reason });
    return outcome;
  }

  private async share(
    workspace: Workspace,
    { config }: LaunchPlan,
    { runId }: Launched,
    patience: number,
  ): Promise<void> {
    if (!config.permissions?.length) return;
    const { shareExperiment } = await import('../lib/launch/permissions.js');
    const warnings = await shareExperiment(workspace, config, runId, patience, this.context);
    for (const message of warnings) this.addWarning({ message });
  }

  private get stdoutStyle() {
    return styleOf(this.host.io.stdout, this.host.env);
  }
}

function submittedNews({ target }: Workspace, { config }: LaunchPlan, data: SubmissionData) {
  const { run_id, dashboard_url, existing = false } = data;
  const { experiment_name } = config;
  return { run_id, experiment_name, dashboard_url, host: target.host, local: target.local, existing };
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
