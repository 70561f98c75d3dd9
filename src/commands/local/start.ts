import type { Outcome } from '../../lib/cli/command.js';
import { LocalCommand } from '../../lib/cli/local-command.js';
import { isoformat } from '../../lib/runs/timing.js';

interface StartData {
  running: true;
  pid: number;
  address: string;
  version: string;
  data_dir: string;
  started_at: string;
}

export default class LocalStart extends LocalCommand<StartData> {
  static override summary = 'start the workspace on this machine';
  static override description =
    'Any command with --local starts it too. It ends by "air local stop", or after an hour without requests and runs.';
  static override examples = ['<%= config.bin %> local start'];

  protected override async work(): Promise<Outcome<StartData>> {
    await this.parse(LocalStart);
    const before = await this.findLocal();
    const running = await this.ensureLocal();
    const data = {
      running: true as const,
      pid: running.pid,
      address: running.host,
      version: running.version,
      data_dir: running.folder,
      started_at: isoformat(running.startedAt),
    };
    const verb = before?.pid === running.pid ? 'already runs' : 'runs';
    return {
      data,
      text: () => `The local workspace ${verb} at ${running.host} (process ${running.pid}).\n`,
    };
  }
}
