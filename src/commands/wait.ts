import { AirCommand, Flags, type Outcome } from '../lib/cli/command.js';
import { parseDuration, runIdArg } from '../lib/cli/flags.js';
import { AirError, exitCodes } from '../lib/errors.js';
import type { Verdict } from '../lib/runs/verdict.js';

export default class Wait extends AirCommand<Verdict> {
  static override summary = 'wait until a run is over, or runs, for a limited time';
  static override description =
    'Prints nothing while it waits. Exit codes: 0 succeeded (or runs), 1 ended otherwise, 3 still going on when the time was up.';
  static override examples = [
    '<%= config.bin %> wait 123456789 --timeout 9m',
    '<%= config.bin %> wait 123456789 --for running --output json',
  ];
  static override args = { JOB_RUN_ID: runIdArg({ required: true }) };
  static override flags = {
    for: Flags.option({
      summary: 'what to wait for',
      options: ['terminal', 'running'] as const,
      default: 'terminal' as const,
    })(),
    timeout: Flags.string({
      summary: 'how long to wait at most, such as 90s, 9m, 2h',
      helpValue: 'DURATION',
    }),
  };

  protected override async work(): Promise<Outcome<Verdict>> {
    const { args, flags } = await this.parse(Wait);
    const timeout = flags.timeout === undefined ? null : durationOf(flags.timeout);
    const workspace = await this.openWorkspace(flags);
    const { isFulfilled, waitForRun } = await import('../lib/runs/wait.js');
    const { LogSpinner } = await import('../lib/cli/terminal/log-spinner.js');
    const { waitText } = await import('../lib/cli/views/log-verdict.js');
    const spinner = new LogSpinner(this.host.io.stderr);
    this.signal.addEventListener('abort', () => spinner.clear(), { once: true });
    if (!this.json) spinner.show(`Waiting for run ${args.JOB_RUN_ID}...`);
    try {
      const options = { for: flags.for, timeout };
      const { run, verdict } = await waitForRun(workspace, args.JOB_RUN_ID, options, this.context);
      const exitCode = verdict.timed_out
        ? exitCodes.stillRunning
        : isFulfilled(run)
          ? exitCodes.success
          : exitCodes.runFailed;
      return { data: verdict, text: () => waitText(verdict), exitCode };
    } finally {
      spinner.clear();
    }
  }
}

function durationOf(text: string): number {
  const duration = parseDuration(text);
  if (duration !== null) return duration;
  throw new AirError('INVALID_ARGS', `--timeout ${JSON.stringify(text)} is not a duration.`, {
    hint: 'Durations are a number and a unit: 90s, 9m, 2h, 1d.',
  });
}
