import { AirError, Interrupted } from '../errors.js';
import type { LocalOptions, RunningWorkspace } from '../local/client/index.js';
import type { LocalStatus } from '../local/client/runs.js';
import type { Workspace } from '../workspace/index.js';
import { AirCommand } from './command.js';

/** The base of `air local ...`: what they share is the way to the workspace of this machine. */
export abstract class LocalCommand<Data> extends AirCommand<Data> {
  static override reach = 'machine' as const;

  protected get localOptions(): LocalOptions {
    return {
      dataDirectory: this.config.dataDir,
      version: this.config.version,
      env: this.host.env,
      context: this.context,
    };
  }

  /** The running local workspace; undefined when there is none. Never starts one. */
  protected async findLocal(): Promise<RunningWorkspace | undefined> {
    const { findLocalWorkspace } = await import('../local/client/index.js');
    return findLocalWorkspace(this.config.dataDir);
  }

  /** The running local workspace, started first if there is none. */
  protected async ensureLocal(): Promise<RunningWorkspace> {
    const { ensureLocalWorkspace } = await import('../local/client/index.js');
    return ensureLocalWorkspace(this.localOptions);
  }

  /**
   * What a running local workspace tells of its runs.
   * @throws AirError when it hangs, with the way to end it.
   */
  protected async runsOf(running: RunningWorkspace): Promise<LocalStatus> {
    const { localPaths } = await import('../local/client/runs.js');
    const { http } = await this.connect(running);
    try {
      return await http.get<LocalStatus>(localPaths.status);
    } catch (error) {
      if (!(error instanceof AirError) || !error.retryable || error instanceof Interrupted) throw error;
      const { hangingFailure } = await import('../local/client/failures.js');
      throw hangingFailure(running.pid, 'answer', error);
    }
  }

  /** The REST client of a running local workspace. */
  protected async connect(running: RunningWorkspace): Promise<Workspace> {
    const [{ localTarget }, { openWorkspace }] = await Promise.all([
      import('./workspace.js'),
      import('../workspace/index.js'),
    ]);
    return openWorkspace(localTarget(running), this.context, { userAgent: `air-cli/${this.config.version}` });
  }
}
