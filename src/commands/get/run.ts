import { AirCommand, Flags, type Outcome } from '../../lib/cli/command.js';
import { timestamp } from '../../lib/cli/envelope.js';
import { runIdArg } from '../../lib/cli/flags.js';
import { styleOf } from '../../lib/cli/terminal/style.js';
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
        const { runDetailsView } = await import('../../lib/cli/terminal/run-details.js');
        return runDetailsView(reading.details, this.style, columns);
      },
    };
  }

  /** Shows every change until the run is over, and the whole of it at the end. */
  private async watch(reader: RunReader, runId: string, target: string): Promise<Outcome<RunDetails>> {
    const { readUntilOver } = await import('../../lib/runs/refresh.js');
    const show = await this.presenter();
    let last: RunDetails | undefined;
    try {
      for await (const reading of readUntilOver(reader, {
        clock: this.host.clock,
        signal: this.signal,
        onTrouble: (error) => this.note(`Trying again: ${error.message}`),
      })) {
        this.warnOf(reading);
        show.reading(reading.details, last);
        last = reading.details;
      }
    } catch (error) {
      throw error instanceof Interrupted ? goesOn(runId, target, error) : error;
    }
    if (last === undefined) throw new Error('A watch ended without a reading.');
    return { data: last, text: show.ending(last) };
  }

  private async presenter(): Promise<Presenter> {
    if (this.json) return this.eventPresenter();
    const view = await import('../../lib/cli/terminal/run-details.js');
    const { stdout } = this.host.io;
    if (!stdout.isTTY || this.host.env['TERM'] === 'dumb') {
      return {
        reading: (details, before) => {
          if (details.status !== before?.status)
            this.note(`${timestamp(this.host.clock.now())} ${details.status}`);
        },
        ending: (details) => (columns) => view.runDetailsView(details, this.style, columns),
      };
    }
    const { LiveRegion } = await import('../../lib/cli/terminal/live-region.js');
    const region = new LiveRegion(stdout);
    return {
      reading: (details, before) => {
        if (before === undefined) stdout.write(view.fixedView(details, this.style, stdout.columns));
        region.paint(view.liveView(details, this.style, stdout.columns));
      },
      ending: (details) => (columns) => {
        region.erase();
        return view.liveView(details, this.style, columns);
      },
    };
  }

  private eventPresenter(): Presenter {
    return {
      reading: (details, before) => {
        const ts = timestamp(this.host.clock.now());
        if (before !== undefined && details.attempt_number > before.attempt_number) {
          const { attempt_number: retry, max_retries } = details;
          this.emit({ type: 'RETRY', ts, retry, ...(max_retries < 0 ? {} : { max_retries }) });
        }
        if (details.status === before?.status) return;
        const previous = before === undefined ? {} : { previous_status: before.status };
        this.emit({ type: 'STATUS', ts, status: details.status, ...previous });
      },
      ending: () => () => '',
    };
  }

  private warnOf(reading: DetailsReading): void {
    for (const message of reading.warnings) this.addWarning({ message });
  }

  private get style() {
    return styleOf(this.host.io.stdout, this.host.env);
  }
}

/** How the readings of a watch are shown while it goes on, and what is printed at its end. */
interface Presenter {
  reading(details: RunDetails, before: RunDetails | undefined): void;
  ending(details: RunDetails): (columns: number | undefined) => string;
}

function goesOn(runId: string, target: string, { signal }: Interrupted): Interrupted {
  return new Interrupted(signal, `Stopped watching; run ${runId} goes on.`, {
    hint: `To go on watching: air get run ${runId} --watch${target}. To stop the run: air cancel ${runId}${target}`,
  });
}
