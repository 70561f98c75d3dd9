import { AirCommand, Flags, type Outcome } from '../../lib/cli/command.js';
import { runIdArg } from '../../lib/cli/flags.js';
import { styleOf } from '../../lib/cli/terminal/style.js';
import type { WatchView } from '../../lib/cli/views/run-watch.js';
import { Interrupted } from '../../lib/errors.js';
import { targetFlags } from '../../lib/workspace/target-flags.js';
import { RunReader, type DetailsReading, type RunDetails } from '../../lib/runs/details.js';

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

  protected override readonly follows = this.argv.includes('--watch');
  protected override readonly answersInterrupt = this.follows;

  protected override async work(): Promise<Outcome<RunDetails>> {
    const { args, flags } = await this.parse(GetRun);
    const workspace = await this.openWorkspace(flags);
    const reader = new RunReader(workspace, args.JOB_RUN_ID, this.host.clock);
    if (flags.watch) return this.watch(reader, args.JOB_RUN_ID, targetFlags(workspace.target));
    const reading = await reader.read();
    this.warnOf(reading);
    return {
      data: reading.details,
      text: async (columns) => {
        const { runDetailsView } = await import('../../lib/cli/views/run-details.js');
        return runDetailsView(reading.details, this.style, columns);
      },
      printed: () => this.pointToLogs(args.JOB_RUN_ID, targetFlags(workspace.target)),
    };
  }

  /** At a terminal, beside the data: what most people want next. */
  private pointToLogs(runId: string, target: string): Promise<void> {
    if (!this.json && this.host.io.stderr.isTTY) this.note(`Logs: air logs ${runId}${target}`);
    return Promise.resolve();
  }

  /** Shows every change until the run is over, and the whole of it at the end. */
  private async watch(reader: RunReader, runId: string, target: string): Promise<Outcome<RunDetails>> {
    const { readUntilOver } = await import('../../lib/runs/refresh.js');
    const view = await this.watchView();
    let last: RunDetails | undefined;
    try {
      for await (const reading of readUntilOver(reader, {
        clock: this.host.clock,
        signal: this.signal,
        onTrouble: (error) => this.note(`Trying again: ${error.message}`),
      })) {
        this.warnOf(reading);
        view.reading(reading.details, last);
        last = reading.details;
      }
    } catch (error) {
      throw error instanceof Interrupted ? goesOn(runId, target, error) : error;
    }
    if (last === undefined) throw new Error('A watch ended without a reading.');
    return { data: last, text: view.ending(last) };
  }

  private async watchView(): Promise<WatchView> {
    const { eventView, liveView, plainView } = await import('../../lib/cli/views/run-watch.js');
    const { clock, env, io } = this.host;
    if (this.json) return eventView((event) => this.emit(event), clock);
    if (!io.stdout.isTTY || env['TERM'] === 'dumb') {
      return plainView((line) => this.note(line), clock, this.style);
    }
    return liveView(io.stdout, this.style);
  }

  private warnOf(reading: DetailsReading): void {
    for (const message of reading.warnings) this.addWarning({ message });
  }

  private get style() {
    return styleOf(this.host.io.stdout, this.host.env);
  }
}

function goesOn(runId: string, target: string, { signal }: Interrupted): Interrupted {
  return new Interrupted(signal, `Stopped watching; run ${runId} goes on.`, {
    hint: `Watch it again: air get run ${runId} --watch${target}\n      Cancel it:      air cancel ${runId}${target}`,
  });
}
