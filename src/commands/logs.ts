import { AirCommand, Flags, type Outcome } from '../lib/cli/command.js';
import { parsePath, runIdArg } from '../lib/cli/flags.js';
import { parseMoment } from '../lib/cli/moment.js';
import { AirError, messageOf } from '../lib/errors.js';
import type { Download } from '../lib/logs/download/index.js';
import type { FollowEvent, FollowOptions } from '../lib/logs/follow.js';
import type { Grep } from '../lib/logs/grep.js';
import type { ReviewedNode } from '../lib/logs/review.js';
import type { Verdict } from '../lib/runs/verdict.js';

const defaultTail = 10_000;
const reviewTail = 200;

/** The verdict; with --download-to what was written, with --review each node's last lines. */
type LogsData = Verdict & Partial<Download> & { nodes?: ReviewedNode[] };

export default class Logs extends AirCommand<LogsData> {
  static override summary = 'follow or fetch the logs of a run';
  static override description = `Prints the last ${defaultTail} lines, then what the run goes on to write, until it is over.
The exit code tells the run's state: 0 while it goes on or when it succeeded, 1 when it ended otherwise.`;

  static override examples = [
    '<%= config.bin %> logs 123456789',
    '<%= config.bin %> logs 123456789 --node 0,3-5 --tail 200',
    '<%= config.bin %> logs 123456789 --since 30m --grep "loss|error" --no-follow',
    '<%= config.bin %> logs 123456789 --download-to ./logs-of-the-run',
  ];

  static override args = { JOB_RUN_ID: runIdArg({ required: true }) };

  static override flags = {
    node: Flags.string({
      summary: 'nodes to show, such as 0 or 0,3-5',
      helpValue: 'N[,N-M]',
      exclusive: ['all-nodes'],
    }),
    'all-nodes': Flags.boolean({ summary: 'show every node, interleaved (the default)' }),
    tail: Flags.integer({
      summary: `begin with the last N lines [default: ${defaultTail}]`,
      aliases: ['lines'],
      helpValue: 'N',
      min: 1,
      exclusive: ['minutes', 'since', 'until'],
    }),
    minutes: Flags.integer({
      summary: 'begin N minutes ago',
      helpValue: 'N',
      min: 1,
      exclusive: ['since'],
    }),
    since: Flags.string({ summary: 'begin at a time, or a duration ago (10m, 2h)', helpValue: 'TIME' }),
    until: Flags.string({ summary: 'end at a time, or a duration ago', helpValue: 'TIME' }),
    retry: Flags.integer({ summary: 'number of the attempt [default: the latest]', helpValue: 'N', min: -1 }),
    grep: Flags.string({ summary: 'show lines that match a regular expression only', helpValue: 'REGEX' }),
    context: Flags.integer({
      char: 'C',
      summary: 'with --grep: lines to show around each match',
      helpValue: 'N',
      min: 0,
      dependsOn: ['grep'],
    }),
    'download-to': Flags.string({
      summary: 'write the whole log of every node to files in a folder; again goes on where it stopped',
      helpValue: 'DIR',
      exclusive: ['tail', 'minutes', 'since', 'until', 'grep'],
    }),
    review: Flags.boolean({
      summary: `the last lines of every node, error-like ones marked [default: ${reviewTail} lines]`,
      hidden: true,
      exclusive: ['minutes', 'since', 'until', 'grep', 'download-to'],
    }),
    follow: Flags.boolean({
      summary: 'go on until the run is over',
      default: true,
      allowNo: true,
    }),
  };

  protected override readonly follows = true;
  protected override readonly answersInterrupt = true;

  protected override async work(): Promise<Outcome<LogsData>> {
    const { args, flags } = await this.parse(Logs);
    const options = await this.optionsOf(flags);
    const directory =
      flags['download-to'] === undefined ? undefined : parsePath(flags['download-to'], '--download-to');
    const grep = flags.grep === undefined ? undefined : await grepOf(flags.grep, flags.context ?? 0);
    const workspace = await this.openWorkspace(flags);
    const surroundings = { runId: args.JOB_RUN_ID, context: this.context, host: this.host, json: this.json };
    if (directory !== undefined || flags.review) {
      const { downloadRun, showReview } = await import('../lib/cli/log-files.js');
      const { attempt, nodes } = options;
      return directory === undefined
        ? showReview(workspace, { attempt, nodes, tail: flags.tail ?? reviewTail }, surroundings)
        : downloadRun(workspace, { attempt, nodes, directory }, surroundings);
    }
    const { showRun } = await import('../lib/cli/following.js');
    const shown = await showRun({
      workspace,
      options,
      ...surroundings,
      ...(grep ? { through: (event) => matching(event, grep) } : {}),
    });
    return { ...shown, printed: () => this.tellOfNoMatch(flags.grep, grep, options.tail) };
  }

  private tellOfNoMatch(pattern = '', grep: Grep | undefined, tail: number | null): Promise<void> {
    if (grep?.found === false && !this.json) {
      const looked = tail === null ? '' : `, from the last ${tail} lines on`;
      this.note(`No line matches ${JSON.stringify(pattern)}${looked}.`);
    }
    return Promise.resolve();
  }

  private async optionsOf(flags: {
    node?: string | undefined;
    tail?: number | undefined;
    minutes?: number | undefined;
    since?: string | undefined;
    until?: string | undefined;
    retry?: number | undefined;
    follow: boolean;
  }): Promise<FollowOptions & { attempt: number | 'latest' }> {
    const { parseNodes } = await import('../lib/logs/selection.js');
    const now = this.host.clock.now();
    const since =
      flags.minutes !== undefined
        ? now - flags.minutes * 60_000
        : flags.since === undefined
          ? null
          : parseMoment(flags.since, now, '--since');
    const until = flags.until === undefined ? null : parseMoment(flags.until, now, '--until');
    if (since !== null && until !== null && since > until) {
      throw new AirError('INVALID_ARGS', 'The time of --until lies before that of --since.');
    }
    return {
      attempt: flags.retry === undefined || flags.retry === -1 ? 'latest' : flags.retry,
      nodes: flags.node === undefined ? null : parseNodes(flags.node),
      tail: flags.tail ?? (since === null && until === null ? defaultTail : null),
      since,
      until,
      follow: flags.follow && (until === null || until > now),
    };
  }
}

/** The filter of --grep. */
async function grepOf(pattern: string, context: number): Promise<Grep> {
  let expression: RegExp;
  try {
    expression = new RegExp(pattern, 'u');
  } catch (error) {
    // The engine repeats the pattern, and says what is wrong with it after that.
    const reason = messageOf(error).split('/u: ').at(-1);
    throw new AirError(
      'INVALID_ARGS',
      `--grep ${JSON.stringify(pattern)} is no regular expression: ${reason}.`,
      {
        hint: 'A character that stands for itself needs a backslash before it, such as \\( or \\[.',
        cause: error,
      },
    );
  }
  const { Grep } = await import('../lib/logs/grep.js');
  return new Grep(expression, context);
}

/** What is left of an event; null for nothing. */
function matching(event: FollowEvent, grep: Grep): FollowEvent | null {
  if (event.type !== 'lines') return event;
  const lines = grep.filter(event.lines);
  return lines.length === 0 ? null : { type: 'lines', lines };
}
