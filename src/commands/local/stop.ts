import { Flags, type Outcome } from '../../lib/cli/command.js';
import { LocalCommand } from '../../lib/cli/local-command.js';
import { AirError } from '../../lib/errors.js';
import type { RunningWorkspace } from '../../lib/local/client/index.js';

interface StopData {
  /** False when it was not running. */
  stopped: boolean;
  cancelled: number;
}

export default class LocalStop extends LocalCommand<StopData> {
  static override summary = 'stop the workspace on this machine';
  static override description =
    'Address, token, runs and files are kept: the next command with --local starts it again.';
  static override examples = ['<%= config.bin %> local stop', '<%= config.bin %> local stop --cancel-runs'];

  static override flags = {
    'cancel-runs': Flags.boolean({ summary: 'cancel the runs that go on, and wait for their end' }),
  };

  protected override async work(): Promise<Outcome<StopData>> {
    const { flags } = await this.parse(LocalStop);
    const { stopLocalWorkspace } = await import('../../lib/local/client/index.js');
    const running = await this.findLocal();
    if (!running) {
      return { data: { stopped: false, cancelled: 0 }, text: () => 'The local workspace is not running.\n' };
    }
    const cancelled = await this.endRuns(running, flags['cancel-runs']);
    const stopped = await stopLocalWorkspace(this.config.dataDir, this.context);
    return { data: { stopped, cancelled }, text: () => 'The local workspace has stopped.\n' };
  }

  /** The runs need the workspace, so it is not taken away from under them unless the user says so. */
  private async endRuns(running: RunningWorkspace, cancel: boolean): Promise<number> {
    const { active } = await this.runsOf(running);
    if (active === 0) return 0;
    if (cancel) {
      const { endAllRuns } = await import('../../lib/local/client/runs.js');
      return endAllRuns((await this.connect(running)).http, this.host.clock, this.signal);
    }
    throw new AirError(
      'CONFLICT',
      `${active} ${active === 1 ? 'run goes' : 'runs go'} on in the local workspace.`,
      {
        hint: 'Wait for them (air list --local), or cancel them: air local stop --cancel-runs',
      },
    );
  }
}
