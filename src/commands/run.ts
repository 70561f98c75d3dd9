import { AirCommand, Flags, type Outcome } from '../lib/cli/command.js';
import { parseIdempotencyKey, parsePath } from '../lib/cli/flags.js';
import type { DryRunData } from '../lib/cli/launch/preparation.js';
import type { Warning } from '../lib/cli/envelope.js';
import type { SubmittedData } from '../lib/cli/launch/submission.js';
import type { PlanNote } from '../lib/cli/plugins/events.js';

/** A dry run's plan, a submission, or the verdict of a watched run; with what plugins note on the plan. */
type RunData = (DryRunData | SubmittedData) & { notes?: readonly PlanNote[] };

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

  protected override async work(): Promise<Outcome<RunData>> {
    const { flags } = await this.parse(Run);
    const { override: overrides = [], local, watch, 'dry-run': dryRun } = flags;
    const file = parsePath(flags.file, '--file');
    const key = parseIdempotencyKey(flags['idempotency-key']);
    const { config, host, context, json } = this;
    const surroundings = {
      config,
      host,
      context,
      json,
      warn: (warning: Warning) => this.addWarning(warning),
    };
    const { prepareLaunch, showPlan } = await import('../lib/cli/launch/preparation.js');
    const prepared = await prepareLaunch({ file, overrides, key, local, dryRun }, surroundings);
    let outcome: Outcome<RunData>;
    if (dryRun) {
      outcome = showPlan(prepared);
    } else {
      const workspace = await this.openWorkspace(flags);
      const attention = { watch, cancelOnInterrupt: flags['cancel-on-interrupt'] };
      const { submitLaunch } = await import('../lib/cli/launch/submission.js');
      outcome = await submitLaunch(workspace, prepared, attention, surroundings);
    }
    const { notes } = prepared;
    return notes.length === 0 ? outcome : { ...outcome, data: { ...outcome.data, notes } };
  }
}
