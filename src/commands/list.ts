import { join } from 'node:path';
import { AirCommand, Flags, type Outcome } from '../lib/cli/command.js';
import { styleOf } from '../lib/cli/terminal/style.js';
import { parseFilters, RunList, type RunFilter, type Tally } from '../lib/runs/list/index.js';
import type { RunSummary } from '../lib/runs/summary.js';
import { shellWord } from '../lib/shell-word.js';
import type { Workspace } from '../lib/workspace/index.js';
import { targetFlags } from '../lib/workspace/target-flags.js';

interface ListData {
  runs: RunSummary[];
  /** Runs that exist no more, or that the caller may not see. */
  dropped: number;
  /** There may be more runs than the limit let through. */
  has_more: boolean;
  /** The search ended before it had seen every run. */
  truncated: boolean;
}

interface ListFlags {
  'all-status': boolean;
  'all-users': boolean;
  cache: boolean;
  filter?: string[] | undefined;
}

const defaultLimit = 20;

export default class List extends AirCommand<ListData> {
  static override summary = 'list runs: active ones of yours, or as many as you ask for';
  static override description =
    'On a terminal the list can be moved through, filtered and opened; with --limit, NO_COLOR or into a pipe it ' +
    'is printed once. A filter on a finished status needs no --all-status.';
  static override aliases = ['list:runs'];
  static override flags = {
    'all-status': Flags.boolean({ summary: 'finished runs too' }),
    'all-users': Flags.boolean({ summary: 'runs of everybody' }),
    limit: Flags.integer({
      summary: `runs to show at most [default: ${defaultLimit}]`,
      helpValue: 'N',
      min: 1,
    }),
    filter: Flags.string({
      summary:
        'only runs with KEY=VALUE: user, experiment (a glob), accelerator_type, num_accelerators, status',
      helpValue: 'KEY=VALUE',
      multiple: true,
      multipleNonGreedy: true,
    }),
    cache: Flags.boolean({
      summary: 'keep finished runs on this machine, so that they need not be asked for again',
      default: true,
      allowNo: true,
    }),
  };
  static override examples = [
    '<%= config.bin %> list',
    '<%= config.bin %> list --all-status --limit 50',
    '<%= config.bin %> list --all-users --filter accelerator_type=H100',
    '<%= config.bin %> list --filter status=FAILED --output json',
  ];

  protected override async work(): Promise<Outcome<ListData>> {
    const { flags } = await this.parse(List);
    const filter = parseFilters(flags.filter ?? []);
    const workspace = await this.openWorkspace(flags);
    if (flags.limit === undefined && this.isInteractive) {
      return this.browse(
        workspace,
        () => this.listOf(workspace, filter, flags, Number.POSITIVE_INFINITY),
        filter,
        flags,
      );
    }
    const outcome = await this.printOnce(
      workspace,
      this.listOf(workspace, filter, flags, flags.limit ?? defaultLimit),
    );
    if (outcome.data.runs.length > 0) return outcome;
    const printed = () => {
      this.sayWhatWasLookedFor(workspace, filter, flags);
      return Promise.resolve();
    };
    return { ...outcome, printed };
  }

  /** Nothing was found: most people who wonder why have runs that are over. */
  private sayWhatWasLookedFor(workspace: Workspace, filter: RunFilter, flags: ListFlags): void {
    if (flags['all-status'] || filter.statuses !== undefined || this.json) return;
    const asked = [
      ...(flags['all-users'] ? [' --all-users'] : []),
      ...(flags.filter ?? []).map((item) => ` --filter ${shellWord(item)}`),
    ].join('');
    this.note(
      `Only active runs were looked for. Finished ones too: air list --all-status${asked}${targetFlags(workspace.target)}`,
    );
  }

  /** A terminal that takes keys and colours. */
  private get isInteractive(): boolean {
    const { env, io } = this.host;
    const isPlain = Boolean(env['NO_COLOR']) || env['TERM'] === 'dumb';
    return !this.json && !isPlain && io.stdin.isTTY === true && io.stdout.isTTY;
  }

  private async printOnce(workspace: Workspace, list: RunList): Promise<Outcome<ListData>> {
    const printer = this.json ? undefined : await this.printer();
    const runs: RunSummary[] = [];
    for await (const group of list.trackedGroups()) {
      const rows = group.map(({ row }) => row);
      printer?.print(rows);
      runs.push(...rows);
      // At once: the reader of a pipe may have seen enough.
      await list.save();
    }
    await this.warnOf(list.tally, workspace);
    const { dropped, more, truncated } = list.tally;
    if (more && !this.json)
      this.note(`The first ${runs.length} are shown. For more: --limit ${runs.length * 5}`);
    return {
      data: { runs, dropped, has_more: more, truncated },
      text: () => (runs.length === 0 ? 'No runs found.\n' : ''),
    };
  }

  private async browse(
    workspace: Workspace,
    newList: () => RunList,
    filter: RunFilter,
    flags: ListFlags & { profile?: string | undefined; local: boolean },
  ): Promise<Outcome<ListData>> {
    const { ListSession } = await import('../lib/cli/views/interactive/session.js');
    const target = flags.local
      ? ['--local']
      : flags.profile === undefined
        ? []
        : ['--profile', flags.profile];
    const session = new ListSession({
      workspace,
      newList,
      context: this.context,
      style: styleOf(this.host.io.stdout, this.host.env),
      env: this.host.env,
      logsCommand: (runId) => [
        process.execPath,
        join(this.config.root, 'bin', 'run.js'),
        'logs',
        runId,
        ...target,
      ],
    });
    const { tally } = await session.run();
    await this.warnOf(tally, workspace);
    if (session.isEmpty) this.sayWhatWasLookedFor(workspace, filter, flags);
    const { dropped, more, truncated } = tally;
    return { data: { runs: [], dropped, has_more: more, truncated }, text: () => '' };
  }

  private listOf(workspace: Workspace, filter: RunFilter, flags: ListFlags, limit: number): RunList {
    const request = {
      allStatus: flags['all-status'],
      allUsers: flags['all-users'],
      filter,
      limit,
      cacheFolder: flags.cache ? join(this.config.cacheDir, 'runs') : null,
    };
    return new RunList(workspace, request, this.host.clock);
  }

  private async warnOf(tally: Tally, { target }: Workspace): Promise<void> {
    const { tallyWarnings } = await import('../lib/cli/views/tally-warnings.js');
    for (const warning of tallyWarnings(tally, target)) this.addWarning(warning);
  }

  private async printer() {
    const { RunTablePrinter } = await import('../lib/cli/views/run-table.js');
    const { stdout } = this.host.io;
    return new RunTablePrinter(stdout, styleOf(stdout, this.host.env));
  }
}
