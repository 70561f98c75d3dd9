import { Flags, type Outcome } from '../../lib/cli/command.js';
import { LocalCommand } from '../../lib/cli/local-command.js';
import { AirError, Interrupted } from '../../lib/errors.js';

interface ResetData {
  reset: boolean;
  data_dir: string;
}

export default class LocalReset extends LocalCommand<ResetData> {
  static override summary = 'remove everything of the workspace on this machine';
  static override description =
    'Cancels its runs, stops it, and deletes its runs, logs, experiments, files and secrets. Asks first.';
  static override examples = ['<%= config.bin %> local reset', '<%= config.bin %> local reset --yes'];
  static override flags = { yes: Flags.boolean({ char: 'y', summary: 'do not ask' }) };

  protected override async work(): Promise<Outcome<ResetData>> {
    const { flags } = await this.parse(LocalReset);
    const { diskBytes, localFolder, removeLocalWorkspace } = await import('../../lib/local/client/folder.js');
    const { renderBytes } = await import('../../lib/size.js');
    const folder = localFolder(this.config.dataDir);
    const size = await diskBytes(folder);
    if (size > 0) {
      if (
        !flags.yes &&
        !(await this.agreed(`Delete ${folder} with all its runs, files and secrets (${renderBytes(size)})?`))
      ) {
        return { data: { reset: false, data_dir: folder }, text: () => 'Nothing was changed.\n' };
      }
      await this.endEverything();
      await removeLocalWorkspace(this.config.dataDir);
    }
    return { data: { reset: true, data_dir: folder }, text: () => 'The local workspace is empty.\n' };
  }

  private async agreed(question: string): Promise<boolean> {
    if (!this.mayPrompt) {
      throw new AirError(
        'INVALID_ARGS',
        'local reset deletes everything of the local workspace, so it asks first.',
        {
          hint: 'Where it cannot ask, say so: air local reset --yes',
        },
      );
    }
    const { confirmed } = await import('../../lib/cli/terminal/question.js');
    return confirmed(this.host.io, question, this.signal);
  }

  /**
   * Runs may go on though the server is down, so it is started to end them. Where it cannot start, because its data is
   * damaged, they end by themselves when their folders go.
   */
  private async endEverything(): Promise<void> {
    const [{ endAllRuns }, { stopLocalWorkspace }] = await Promise.all([
      import('../../lib/local/client/runs.js'),
      import('../../lib/local/client/index.js'),
    ]);
    let running;
    try {
      running = await this.ensureLocal();
    } catch (error) {
      if (!(error instanceof AirError) || error instanceof Interrupted) throw error;
      this.addWarning({ message: `Runs that may go on were not canceled first. ${error.message}` });
      return;
    }
    const { http } = await this.connect(running);
    await endAllRuns(http, this.host.clock, this.signal);
    await stopLocalWorkspace(this.config.dataDir, this.context);
  }
}
