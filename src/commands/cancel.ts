import { Args, AirCommand, Flags, type Outcome } from '../lib/cli/command.js';
import { parseRunId } from '../lib/cli/flags.js';
import { AirError, exitCodes } from '../lib/errors.js';
import type { Run, Workspace } from '../lib/workspace/index.js';
import { targetFlags } from '../lib/workspace/target-flags.js';

interface CancelData {
  cancelled: string[];
  all?: true;
  workspace?: string;
  /** Of the cancelled ones, those that were over when they were looked at. */
  ended?: { run_id: string; status: string }[];
  failed?: { run_id: string; error: string }[];
}

export default class Cancel extends AirCommand<CancelData> {
  static override summary = 'ask for the cancellation of runs';
  static override description =
    'Returns once the workspace has taken the request: air wait JOB_RUN_ID says when a run is over.';
  static override strict = false;
  static override examples = [
    '<%= config.bin %> cancel 123456789 987654321',
    '<%= config.bin %> cancel --all --yes',
  ];
  static override args = {
    JOB_RUN_ID: Args.string({ description: 'ids of job runs, one or several', ignoreStdin: true }),
  };
  static override flags = {
    all: Flags.boolean({ summary: 'cancel all of your runs that are active' }),
    yes: Flags.boolean({ char: 'y', summary: 'do not ask before cancelling' }),
  };

  protected override async work(): Promise<Outcome<CancelData>> {
    const { argv, flags } = await this.parse(Cancel);
    const words = argv as string[];
    if (flags.all && words.length > 0) {
      throw new AirError('INVALID_ARGS', 'Run ids and --all exclude each other.');
    }
    if (!flags.all && words.length === 0) {
      throw new AirError('INVALID_ARGS', 'Which runs? Give their ids, or --all.', {
        hint: `Your active runs: air list${targetFlags(flags)}`,
      });
    }
    const ids = words.map(parseRunId);
    const workspace = await this.openWorkspace(flags);
    if (!flags.all) return this.cancel(workspace, ids, {});
    const runs = await this.activeRuns(workspace);
    if (runs.length === 0) {
      const data: CancelData = { cancelled: [], all: true, workspace: workspace.host };
      return { data, text: () => 'You have no active runs.\n' };
    }
    if (!flags.yes && !(await this.agreed(workspace, runs))) {
      this.note('Nothing was cancelled.');
      return { data: { cancelled: [], all: true }, text: () => '', exitCode: exitCodes.runFailed };
    }
    return this.cancel(
      workspace,
      runs.map((run) => String(run.run_id)),
      { all: true },
    );
  }

  private async activeRuns(workspace: Workspace): Promise<Run[]> {
    const { activeRunsOf } = await import('../lib/runs/cancellation.js');
    return activeRunsOf(workspace, (await workspace.me()).userName);
  }

  /** Shows which runs are meant and asks. */
  private async agreed(workspace: Workspace, runs: readonly Run[]): Promise<boolean> {
    const count = runs.length === 1 ? '1 run' : `${runs.length} runs`;
    if (!this.mayPrompt) {
      throw new AirError('INVALID_ARGS', `This would cancel ${count}, and nobody can be asked here.`, {
        hint: `Confirm it beforehand: air cancel --all --yes${targetFlags(workspace.target)}`,
      });
    }
    const { cancelPreview } = await import('../lib/cli/views/cancel-preview.js');
    const { styleOf } = await import('../lib/cli/terminal/style.js');
    const { confirmed } = await import('../lib/cli/terminal/question.js');
    const { stderr } = this.host.io;
    this.note(`Your active runs in ${workspace.host}:`);
    for (const line of cancelPreview(runs, styleOf(stderr, this.host.env), stderr.columns)) this.note(line);
    return confirmed(this.host.io, `Cancel ${count} in ${workspace.host}?`, this.signal);
  }

  private async cancel(
    workspace: Workspace,
    ids: string[],
    more: { all?: true },
  ): Promise<Outcome<CancelData>> {
    const { cancelRuns } = await import('../lib/runs/cancellation.js');
    const { cancelled, ended, failed, firstFailure } = await cancelRuns(workspace, ids);
    const data = {
      cancelled,
      ...more,
      ...(ended.length > 0 ? { ended } : {}),
      ...(failed.length > 0 ? { failed } : {}),
    };
    if (!this.json) {
      for (const failure of failed) this.note(`Run ${failure.run_id} was not cancelled: ${failure.error}`);
    }
    const endings = new Map(ended.map(({ run_id, status }) => [run_id, status]));
    const text = () =>
      cancelled
        .map((id) => {
          const status = endings.get(id);
          return status === undefined ? `Asked run ${id} to cancel.\n` : `Run ${id} is over: ${status}.\n`;
        })
        .join('');
    return { data, text, ...(firstFailure ? { exitCode: firstFailure.exitCode } : {}) };
  }
}
