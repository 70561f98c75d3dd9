import type { Outcome } from '../../lib/cli/command.js';
import { LocalCommand } from '../../lib/cli/local-command.js';
import type { LocalStatusData } from '../../lib/cli/views/local-status.js';
import { isoformat } from '../../lib/runs/timing.js';

const stopped: LocalStatusData = {
  running: false,
  pid: null,
  address: null,
  version: null,
  data_dir: null,
  started_at: null,
  runs: null,
  queue: null,
  disk_bytes: null,
  environment: null,
};

export default class LocalStatus extends LocalCommand<LocalStatusData> {
  static override summary = 'show the workspace on this machine: address, runs, queue, disk use';
  static override description = 'Never starts it.';
  static override examples = ['<%= config.bin %> local status', '<%= config.bin %> local status -o json'];

  protected override async work(): Promise<Outcome<LocalStatusData>> {
    await this.parse(LocalStatus);
    const running = await this.findLocal();
    if (!running) {
      const hint = 'Any command with --local starts it, and so does: air local start';
      return { data: stopped, text: () => `The local workspace is not running.\n${hint}\n` };
    }
    const { diskBytes } = await import('../../lib/local/client/folder.js');
    const [status, disk] = await Promise.all([this.runsOf(running), diskBytes(running.folder)]);
    const data: LocalStatusData = {
      running: true,
      pid: running.pid,
      address: running.host,
      version: running.version,
      data_dir: running.folder,
      started_at: isoformat(running.startedAt),
      runs: status.runs,
      queue: status.queue,
      disk_bytes: disk,
      environment: running.environment,
    };
    return {
      data,
      text: async () => {
        const { localStatusText } = await import('../../lib/cli/views/local-status.js');
        return localStatusText(data);
      },
    };
  }
}
