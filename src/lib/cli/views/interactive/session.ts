import { Interrupted, messageOf } from '../../../errors.js';
import type { Context } from '../../../io.js';
import { RunReader } from '../../../runs/details.js';
import type { RunList } from '../../../runs/list/index.js';
import type { Workspace } from '../../../workspace/index.js';
import { openInBrowser } from '../../browser.js';
import { runDetailsView } from '../run-details.js';
import type { Style } from '../../terminal/style.js';
import type { Key } from '../../terminal/keys.js';
import { LogProgram } from './log-program.js';
import { paneLines, paneOf, pressPaneKey, resizedPane, type PaneState } from '../../terminal/pane.js';
import { RunFeed, type Feed } from './run-feed.js';
import {
  emptyList,
  listLines,
  needsMore,
  pageHeight,
  pressKey,
  selectedRun,
  withRows,
  type ListState,
  type Wish,
} from './run-list.js';
import { Screen } from '../../terminal/screen.js';

export interface SessionOptions {
  readonly workspace: Workspace;
  /** A new listing from its beginning. */
  readonly newList: () => RunList;
  readonly context: Context;
  readonly style: Style;
  readonly env: NodeJS.ProcessEnv;
  /** The command line that shows a run's logs. */
  readonly logsCommand: (runId: string) => readonly [program: string, ...args: string[]];
}

/** The interactive list of runs, from the first paint to the key that leaves it. */
export class ListSession {
  private state: ListState = emptyList;
  private pane: PaneState | null = null;
  private logs: LogProgram | 'ended' | null = null;
  private readonly feed: RunFeed;
  private readonly screen: Screen;
  private end: () => void = () => undefined;
  private fail: (error: unknown) => void = () => undefined;

  constructor(private readonly options: SessionOptions) {
    this.feed = new RunFeed(options.newList, (feed) => this.take(feed));
    this.screen = new Screen(options.context.io, {
      onKey: (key) => this.press(key),
      onResize: () => this.resize(),
      onEnd: () => this.fail(new Interrupted('SIGINT')),
    });
  }

  /**
   * Resolves when the user leaves, or there is nothing to list; rejects when the first rows cannot be had, on
   * Ctrl-C and on a signal.
   */
  async run(): Promise<RunList> {
    const { signal } = this.options.context;
    const ended = new Promise<void>((resolve, reject) => {
      this.end = resolve;
      this.fail = reject;
    });
    // The terminal is given back at once: after a signal nothing waits for this session any more.
    const onAbort = (): void => {
      this.close();
      this.fail(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      this.paint();
      this.feed.more();
      await ended;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.close();
    }
    const last = listLines(this.state, this.options.style, { ...this.size, final: true });
    this.options.context.io.stdout.write(`${last.join('\n')}\n`);
    return this.feed.list;
  }

  get isEmpty(): boolean {
    return this.state.rows.length === 0;
  }

  private close(): void {
    if (this.logs instanceof LogProgram) this.logs.end();
    this.screen.close();
  }

  private get size(): { columns: number; rows: number } {
    return { columns: this.screen.columns, rows: this.screen.rows };
  }

  private update(state: ListState): void {
    this.state = state;
    this.paint();
  }

  private paint(): void {
    if (this.logs !== null) return;
    const { style } = this.options;
    const { columns, rows } = this.size;
    this.screen.paint(
      this.pane
        ? paneLines(this.pane, style, columns, rows)
        : listLines(this.state, style, { columns, rows }),
    );
  }

  private resize(): void {
    if (this.pane) this.pane = resizedPane(this.pane, this.screen.columns, this.screen.rows);
    this.paint();
    this.fillPage();
  }

  private take({ rows, loading, complete, failure }: Feed): void {
    if (failure !== null && rows.length === 0) this.fail(failure);
    const isNews = failure !== null && !loading;
    const notice = isNews ? `Not loaded (r tries again): ${messageOf(failure)}` : this.state.notice;
    this.update({ ...withRows(this.state, rows), loading, complete, notice });
    if (complete && rows.length === 0) this.end();
    if (this.state.filter === '') this.fillPage();
  }

  /** Loads on while the cursor is on the last page. */
  private fillPage(): void {
    if (needsMore(this.state, pageHeight(this.screen.rows))) this.feed.more();
  }

  private press(key: Key): void {
    if (this.logs !== null) this.pressDuringLogs(key);
    else if (key.name === 'interrupt') this.fail(new Interrupted('SIGINT'));
    else if (this.pane) {
      this.pane = pressPaneKey(this.pane, key, this.screen.rows);
      this.paint();
    } else {
      const { state, wish } = pressKey(this.state, key, pageHeight(this.screen.rows));
      this.update(state);
      if (wish !== undefined) this.grant(wish);
      this.fillPage();
    }
  }

  private grant(wish: Wish): void {
    if (wish === 'quit') this.end();
    else if (wish === 'refresh') this.feed.refresh();
    else {
      const run = selectedRun(this.state);
      if (!run) return;
      if (wish === 'details') void this.showDetails(run.run_id);
      else if (wish === 'logs') this.showLogs(run.run_id);
      else void this.open(wish === 'openLogs' ? (run.mlflow_url ?? run.dashboard_url) : run.dashboard_url);
    }
  }

  private async showDetails(runId: string): Promise<void> {
    const { workspace, context, style } = this.options;
    const title = `Run ${runId}`;
    const waiting = this.showPane(title, () => 'Loading…');
    let text: (columns: number) => string;
    try {
      const { details } = await new RunReader(workspace, runId, context.clock).read();
      text = (columns) => runDetailsView(details, style, columns);
    } catch (error) {
      text = () => `Error: ${messageOf(error)}`;
    }
    // The user may have gone on meanwhile.
    if (this.pane?.text === waiting.text) this.showPane(title, text);
  }

  private showPane(title: string, text: (columns: number) => string): PaneState {
    this.pane = paneOf(title, text, this.screen.columns);
    this.paint();
    return this.pane;
  }

  /** Hands the terminal's first screen to `air logs`, where its lines can be scrolled back to later. */
  private showLogs(runId: string): void {
    const { logsCommand, env, context } = this.options;
    const { stderr } = context.io;
    this.screen.leave();
    stderr.write(`Logs of run ${runId}; q goes back to the list.\n`);
    this.logs = new LogProgram(logsCommand(runId), env, (wasStopped) => {
      if (wasStopped) {
        this.leaveLogs();
        return;
      }
      this.logs = 'ended';
      stderr.write('Press a key to go back to the list.\n');
    });
  }

  private pressDuringLogs(key: Key): void {
    if (this.logs === 'ended') this.leaveLogs();
    else if (key.text === 'q' || key.name === 'escape' || key.name === 'interrupt') this.logs?.stop();
  }

  /** Back to the list, which may have changed while the logs went on. */
  private leaveLogs(): void {
    this.logs = null;
    this.paint();
    this.feed.refresh();
  }

  private async open(url: string): Promise<void> {
    if (await openInBrowser(url, this.options.env)) this.update({ ...this.state, notice: `Opened ${url}` });
    else this.showPane('No browser starts here. The address is:', () => url);
  }
}
