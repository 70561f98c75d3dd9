import { AirCommand, Flags, type Outcome } from '../../lib/cli/command.js';
import { runIdArg } from '../../lib/cli/flags.js';
import { styleOf } from '../../lib/cli/terminal/style.js';
import { RunReader, type RunDetails } from '../../lib/runs/details.js';

export default class GetRun extends AirCommand<RunDetails> {
  static override summary = 'show one run: its state, times, configuration and links';
  static override description =
    'Shows the latest attempt of a run. The exit code says whether the run could be read, not how it ended: ' +
    'use "air wait" for a verdict.';
  static override hiddenAliases = ['get'];
  static override args = { JOB_RUN_ID: runIdArg({ required: true }) };
  static override flags = {
    watch: Flags.boolean({ summary: 'refresh until the run is over' }),
  };
  static override examples = [
    '<%= config.bin %> get run 123456',
    '<%= config.bin %> get run 123456 --watch',
    '<%= config.bin %> get run 123456 --output json',
  ];

  protected override async work(): Promise<Outcome<RunDetails>> {
    const { args, flags } = await this.parse(GetRun);
    const workspace = await this.openWorkspace(flags);
    const reader = new RunReader(workspace, args.JOB_RUN_ID, this.host.clock);
    const { details, warnings } = await reader.read();
    for (const message of warnings) this.addWarning({ message });
    return {
      data: details,
      text: async (columns) => {
        const { runDetailsView } = await import('../../lib/cli/terminal/run-details.js');
        return runDetailsView(details, styleOf(this.host.io.stdout, this.host.env), columns);
      },
    };
  }
}
