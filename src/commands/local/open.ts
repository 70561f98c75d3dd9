import type { Outcome } from '../../lib/cli/command.js';
import { runIdArg } from '../../lib/cli/flags.js';
import { LocalCommand } from '../../lib/cli/local-command.js';
import { localPaths } from '../../lib/local/client/runs.js';

interface OpenData {
  address: string;
  /** Whether a browser was started. */
  opened: boolean;
}

export default class LocalOpen extends LocalCommand<OpenData> {
  static override summary = 'open the workspace on this machine, or one of its runs, in the browser';
  static override description =
    'On a terminal only; elsewhere it prints the address. The browser is $BROWSER, or the one of the system.';
  static override examples = ['<%= config.bin %> local open', '<%= config.bin %> local open 123456789'];
  static override args = { JOB_RUN_ID: runIdArg() };

  protected override async work(): Promise<Outcome<OpenData>> {
    const { args } = await this.parse(LocalOpen);
    const running = await this.ensureLocal();
    const workspace = await this.connect(running);
    const runId = args.JOB_RUN_ID;
    // Also says that there is no such run before a browser is bothered.
    if (runId !== undefined) await workspace.jobs.get(runId);
    const page = runId === undefined ? '/' : `/jobs/runs/${runId}`;
    const address = `${running.host}${page}`;
    const opened = !this.json && this.host.io.stdout.isTTY && (await this.openPage(workspace, page));
    return { data: { address, opened }, text: () => `${address}\n` };
  }

  /** The one-time link goes to the browser alone: it is never printed. */
  private async openPage(workspace: { host: string; http: LocalPost }, page: string): Promise<boolean> {
    const { openBrowser } = await import('../../lib/local/client/browser.js');
    const { nonce } = await workspace.http.post<{ nonce: string }>(localPaths.nonce, {});
    const query = new URLSearchParams({ nonce, to: page });
    const opened = await openBrowser(
      `${workspace.host}${localPaths.open}?${query.toString()}`,
      this.host.env,
    );
    if (!opened) this.addWarning({ message: 'No browser was found: set BROWSER to the one to use.' });
    return opened;
  }
}

interface LocalPost {
  post<T>(path: string, json: unknown): Promise<T>;
}
