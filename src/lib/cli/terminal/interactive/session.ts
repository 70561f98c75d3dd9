import { spawn, type ChildProcess } from 'node:child_process';
import { messageOf } from '../../../errors.js';
import type { Context } from '../../../io.js';
import { RunReader } from '../../../runs/details.js';
import type { ListedRun, RunList } from '../../../runs/list/index.js';
import type { Workspace } from '../../../workspace/index.js';
import { openInBrowser } from '../../browser.js';
import { runDetailsView } from '../run-details.js';
import type { Style } from '../style.js';
import type { Key } from './keys.js';
import { paneLines, paneOf, pressPaneKey, type PaneState } from './pane.js';
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
import { Screen } from './screen.js';

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

/** One listing being loaded; a refresh starts another. */
interface Loading {
  readonly list: RunList;
  readonly groups: AsyncGenerator<readonly ListedRun[], void, void>;
}

/** The interactive list of runs, from the first paint to the key that leaves it. */
export class ListSession {
  private state: ListState = emptyList;
  private pane: PaneState | null = null;
  private logs: ChildProcess | 'ended' | null = null;
  private loading: Loading;
  /** The listing whose rows are on the screen: after a refresh the old ones stay until the first new ones come. */
  private shown: Loading | undefined;
  private readonly screen: Screen;
  private end: () => void = () => undefined;
  private fail: (error: unknown) => void = () => undefined;

  constructor(private readonly options: SessionOptions) {
    this.loading = this.start();
    this.screen = new Screen(options.context.io, {
      onKey: (key) => this.press(key),
      onResize: () => this.paint(),
    });
  }

  /** Resolves when the user leaves; rejects when the first rows cannot be had, or on a signal. */
  async run(): Promise<RunList> {
    const { signal } = this.options.context;
    const ended = new Promise<void>((resolve, reject) => {
      this.end = resolve;
      this.fail = reject;
    });
    // The terminal is given back at once: after a signal nothing waits for this session any more.
    const onAbort = (): void => {
      this.screen.close();
      this.fail(signal.reason);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    try {
      this.paint();
      this.load();
      await ended;
      this.screen.paintList(listLines(this.state, this.options.style, { ...this.size, final: true }));
      return this.loading.list;
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.screen.close();
    }
  }

  private get size(): { columns: number; rows: number } {
    return { columns: this.screen.columns, rows: this.screen.rows };
  }

  private start(): Loading {
    const list = this.options.newList();
    return { list, groups: list.groups() };
  }

  private update(state: ListState): void {
    this.state = state;
    this.paint();
  }

  private paint(): void {
    if (this.logs !== null) return;
    const { style } = this.options;
    if (this.pane) this.screen.paintPane(paneLines(this.pane, style, this.screen.columns, this.screen.rows));
    else this.screen.paintList(listLines(this.state, style, this.size));
  }

  private press(key: Key): void {
    if (this.logs !== null) {
      this.pressDuringLogs(key);
      return;
    }
    if (this.pane) {
      this.pane = pressPaneKey(this.pane, key, this.screen.rows);
      this.paint();
      return;
    }
    const height = pageHeight(this.screen.rows);
    const { state, wish } = pressKey(this.state, key, height);
    this.update(state);
    if (wish !== undefined) this.grant(wish);
    if (needsMore(this.state, height)) this.load();
  }

  private grant(wish: Wish): void {
    if (wish === 'quit') {
      this.end();
      return;
    }
    if (wish === 'refresh') {
      this.loading = this.start();
      this.load();
      return;
    }
    const run = selectedRun(this.state);
    if (!run) return;
    if (wish === 'details') void this.showDetails(run.run_id);
    else if (wish === 'logs') this.showLogs(run.run_id);
    else void this.open(wish === 'openLogs' ? (run.mlflow_url ?? run.dashboard_url) : run.dashboard_url);
  }

  /** Loads the next group, then MLflow's part of its rows. */
  private load(): void {
    const { loading } = this;
    const isCurrent = (): boolean => loading === this.loading;
    this.update({ ...this.state, loading: true });
    void (async () => {
      try {
        const { done, value } = await loading.groups.next();
        if (!isCurrent()) return;
        const before = this.shown === loading ? this.state.rows : [];
        this.shown = loading;
        if (done) {
          this.update({ ...withRows(this.state, before), loading: false, complete: true });
          return;
        }
        const complete = !loading.list.goesOn;
        this.update({
          ...withRows(this.state, [...before, ...value.map(({ row }) => row)]),
          loading: false,
          complete,
        });
        let at = before.length;
        for await (const { row } of loading.list.tracked(value)) {
          if (!isCurrent()) return;
          this.update({ ...this.state, rows: this.state.rows.with(at++, row) });
        }
        await loading.list.save();
      } catch (error) {
        if (!isCurrent()) return;
        if (this.state.rows.length === 0) this.fail(error);
        else
          this.update({
            ...this.state,
            loading: false,
            complete: true,
            notice: `Not loaded: ${messageOf(error)}`,
          });
      }
    })();
  }

  private async showDetails(runId: string): Promise<void> {
    const { workspace, context, style } = this.options;
    const { columns } = this.screen;
    const waiting = paneOf(`Run ${runId}`, 'Loading…', columns);
    this.pane = waiting;
    this.paint();
    let text: string;
    try {
      const { details } = await new RunReader(workspace, runId, context.clock).read();
      text = runDetailsView(details, style, columns);
    } catch (error) {
      text = `Error: ${messageOf(error)}`;
    }
    if (this.pane !== waiting) return;
    this.pane = paneOf(waiting.title, text, columns);
    this.paint();
  }

  /** Hands the terminal's output to `air logs`; the keys stay here, so that one of them can end it. */
  private showLogs(runId: string): void {
    const [program, ...args] = this.options.logsCommand(runId);
    const { stderr } = this.options.context.io;
    this.screen.clearList();
    stderr.write(`Logs of run ${runId}; q goes back to the list.\n`);
    const child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'], env: this.options.env });
    this.logs = child;
    const onEnd = (): void => {
      this.logs = 'ended';
      stderr.write('Press a key to go back to the list.\n');
    };
    child.on('error', onEnd);
    child.on('exit', onEnd);
  }

  private pressDuringLogs(key: Key): void {
    if (this.logs === 'ended') {
      this.logs = null;
      this.paint();
    } else if (key.text === 'q' || key.name === 'escape' || key.name === 'interrupt') {
      this.logs?.kill('SIGINT');
    }
  }

  private async open(url: string): Promise<void> {
    const isOpen = await openInBrowser(url, this.options.env);
    this.update({ ...this.state, notice: isOpen ? `Opened ${url}` : `No browser starts here: ${url}` });
  }
}
