import { Command } from '@oclif/core';
import { exitCodes, Interrupted } from '../errors.js';
import type { Context } from '../io.js';
import type { Workspace } from '../workspace/index.js';
import { dataEnvelope, detailOf, type Warning } from './envelope.js';
import { globalFlags } from './flags.js';
import { outputFormatOf, type OutputFormat } from './format.js';
import { systemHost, type Host } from './host.js';
import { foreignPlugin } from './plugins/fault.js';
import { renderWarning, reportError } from './report.js';
import type { CommandUsage } from './usage-error.js';

/** What a command came to: data for JSON, text for people, and the exit code. */
export interface Outcome<Data> {
  readonly data: Data;
  /** What text mode prints to stdout; asked only in text mode. */
  readonly text: (width: number | undefined) => string | Promise<string>;
  readonly exitCode?: number;
  /** Called once the outcome has been shown. */
  readonly printed?: () => Promise<void>;
}

export { Args, Flags } from '@oclif/core';

/**
 * The base of every subcommand. A subclass says its flags and implements {@link work}; format, envelope,
 * errors, exit codes, signals and the opening of the workspace are here.
 * `Data` is the type of the command's JSON `data`.
 */
export abstract class AirCommand<Data> extends Command {
  static override baseFlags = globalFlags;
  static override enableJsonFlag = false;
  /** Whether the command talks to a workspace: its help then names the variables and exit codes of one. */
  static reach: 'workspace' | 'machine' = 'workspace';

  /** Replaced by tests before the command runs. */
  host: Host = systemHost;

  protected readonly format: OutputFormat = outputFormatOf(this.argv, this.host.env);
  /** A following command writes NDJSON: its closing envelope, or error, is one line. */
  protected readonly follows: boolean = false;
  /** True for a command that answers the first interrupt itself, in time and in words. */
  protected readonly answersInterrupt: boolean = false;
  /** What an interrupt means while the command has not yet said otherwise. */
  protected readonly interruptMessage: string = 'Interrupted.';

  private readonly controller = new AbortController();
  private readonly warnings: Warning[] = [];

  /** Does the command's work and says what came of it. */
  protected abstract work(): Promise<Outcome<Data>>;

  override async run(): Promise<void> {
    const release = this.listenToSignals();
    try {
      const outcome = await this.untilInterrupted(this.work());
      await this.print(outcome);
      await outcome.printed?.();
      process.exitCode = outcome.exitCode ?? exitCodes.success;
    } finally {
      release();
    }
  }

  /** Everything thrown ends here: one clear error in the format asked for, and its exit code. */
  protected override catch(thrown: Error): Promise<void> {
    process.exitCode = reportError(thrown, this.host, {
      format: this.format,
      compact: this.follows,
      debug: this.debugging,
      plugin: foreignPlugin(this.ctor.plugin?.name, this.config),
      usage: this.usage,
    });
    return Promise.resolve();
  }

  protected get json(): boolean {
    return this.format === 'json';
  }

  protected get context(): Context {
    return { io: this.host.io, clock: this.host.clock, signal: this.controller.signal };
  }

  protected get signal(): AbortSignal {
    return this.controller.signal;
  }

  /** Whether a question can be put to the user: never without a terminal, never in JSON mode. */
  protected get mayPrompt(): boolean {
    return !this.json && this.host.io.stdin.isTTY === true && this.host.io.stderr.isTTY;
  }

  /** The workspace that flags, environment and configuration name; nothing has been asked of it yet. */
  protected async openWorkspace(flags: {
    profile?: string | undefined;
    local?: boolean;
  }): Promise<Workspace> {
    const { openTarget } = await import('./workspace.js');
    return openTarget(flags, {
      config: this.config,
      host: this.host,
      context: this.context,
      warn: (warning) => this.addWarning(warning),
      ...(this.debugging ? { trace: (line: string) => this.note(`debug: ${line}`) } : {}),
    });
  }

  /** A warning: to stderr at once in text mode, into `data.warnings` in JSON mode. */
  protected addWarning(warning: Warning): void {
    this.warnings.push(warning);
    const { stderr } = this.host.io;
    if (!this.json) stderr.write(renderWarning(warning, stderr.columns));
  }

  /** A line for people beside the data: progress, hints. Also shown in JSON mode. */
  protected note(line: string): void {
    this.host.io.stderr.write(`${line}\n`);
  }

  /** One event of an NDJSON stream. */
  protected emit(event: object): void {
    this.host.io.stdout.write(`${JSON.stringify(event)}\n`);
  }

  private get usage(): CommandUsage {
    const { bin } = this.config;
    const [example] = this.ctor.examples ?? [];
    return {
      command: `${bin} ${(this.id ?? '').replaceAll(':', ' ')}`,
      example: (typeof example === 'object' ? example.command : example)?.replace('<%= config.bin %>', bin),
    };
  }

  private get debugging(): boolean {
    return this.argv.includes('--debug');
  }

  private async print(outcome: Outcome<Data>): Promise<void> {
    const { io, clock } = this.host;
    if (!this.json) {
      io.stdout.write(await outcome.text(io.stdout.columns));
      return;
    }
    const data =
      this.warnings.length === 0 ? outcome.data : { ...outcome.data, warnings: this.warnings.map(detailOf) };
    const envelope = dataEnvelope(clock.now(), data);
    io.stdout.write(`${JSON.stringify(envelope, undefined, this.follows ? undefined : 2)}\n`);
  }

  /** First signal: the work is asked to stop. Second: the process ends at once. */
  private listenToSignals(): () => void {
    return this.host.onSignal((signal) => {
      const code = signal === 'SIGTERM' ? exitCodes.terminated : exitCodes.interrupted;
      if (this.controller.signal.aborted) this.host.exit(code);
      this.controller.abort(new Interrupted(signal, this.interruptMessage));
    });
  }

  /** The work's result, or the interrupt: what is stuck in work that cannot be stopped is left behind. */
  private async untilInterrupted<T>(work: Promise<T>): Promise<T> {
    if (this.answersInterrupt) return work;
    const { signal } = this.controller;
    const interrupted = new Promise<never>((_, reject) => {
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
    return Promise.race([work, interrupted]);
  }
}
