import { AirError } from '../errors.js';
import { nearest } from '../nearest.js';

/** What a command says of itself when it is called wrongly. */
export interface CommandUsage {
  /** As it is typed, with the program's name: `air get run`. */
  readonly command: string;
  /** A whole command line that is right. */
  readonly example: string | undefined;
}

/** The fields of oclif's parse errors that tell more than their text. */
interface ParseError extends Error {
  readonly flags?: readonly string[];
  readonly args?: readonly (string | { name?: string; description?: string })[];
  readonly parse?: { input?: { flags?: Record<string, unknown> } };
}

/** A command line that oclif could not take, in this program's words; undefined for any other failure. */
export function asUsageError(thrown: unknown, usage?: CommandUsage): AirError | undefined {
  if (!(thrown instanceof Error)) return undefined;
  const isParseError = 'parse' in thrown || thrown.constructor.name === 'CLIParseError';
  if (!isParseError && !('oclif' in thrown)) return undefined;
  const { message, hint } =
    unknownFlags(thrown, usage) ?? missingArguments(thrown, usage) ?? inOurWords(thrown, usage);
  return new AirError('INVALID_ARGS', message, { ...(hint === undefined ? {} : { hint }), cause: thrown });
}

interface Wording {
  readonly message: string;
  readonly hint: string | undefined;
}

function unknownFlags(error: ParseError, usage?: CommandUsage): Wording | undefined {
  if (!error.flags || error.flags.length === 0) return undefined;
  const known = Object.keys(error.parse?.input?.flags ?? {}).map((name) => `--${name}`);
  const meant = error.flags.flatMap((flag) => nearest(flag, known) ?? []);
  return {
    message: `There is no flag ${error.flags.join(', ')}.`,
    hint: meant.length > 0 ? `Did you mean: ${meant.join(', ')}` : helpHint(usage),
  };
}

function missingArguments(error: ParseError, usage?: CommandUsage): Wording | undefined {
  if (!error.message.startsWith('Missing ')) return undefined;
  const missing = (error.args ?? []).flatMap((arg) => (typeof arg === 'string' ? [] : [arg]));
  if (missing.length === 0) return undefined;
  const names = missing.map(({ name = '', description }) =>
    description ? `${name} (${description})` : name,
  );
  return {
    message: `${names.join(' and ')} ${names.length === 1 ? 'is' : 'are'} missing.`,
    hint: exampleHint(usage),
  };
}

/** oclif's sentences about flags, and how they are said here. Sentences that are not among them stay as they are. */
const sentences: readonly [RegExp, (...found: string[]) => string][] = [
  [/^Missing required flag (\S+)$/, (flag) => `--${flag} is missing.`],
  [/^Flag --(\S+) expects a value$/, (flag) => `--${flag} has no value.`],
  [
    /^Flag --(\S+) expects one of these values: (.+)$/,
    (flag, list) => `--${flag} has no value: expected one of ${list}.`,
  ],
  [
    /^Expected --([^=\s]+)=(.*) to be one of: (.+)$/s,
    (flag, value, list) => `--${flag} is "${value}": expected one of ${list}.`,
  ],
  [
    /^--([^=\s]+)(?:=.*)? cannot also be provided when using --(\S+)$/s,
    (one, other) => `--${one} and --${other} exclude each other.`,
  ],
  [
    /^All of the following must be provided when using --(\S+): (.+)$/,
    (flag, needed) => `--${flag} needs ${needed}.`,
  ],
  [
    /^Parsing --(\S+) \n\tExpected an integer but received: (.*)$/s,
    (flag, value) => `--${flag} is "${value}": expected a whole number.`,
  ],
  [
    /^Parsing --(\S+) \n\tExpected an integer greater than or equal to (\d+) but received: (.*)$/s,
    (flag, least, value) => `--${flag} is "${value}": expected a whole number from ${least} on.`,
  ],
  [
    /^Parsing --(\S+) \n\tExpected an integer less than or equal to (\d+) but received: (.*)$/s,
    (flag, most, value) => `--${flag} is "${value}": expected a whole number up to ${most}.`,
  ],
  [
    /^could not find package\.json with \{.* root: '(.+)' \}$/s,
    (folder) => `There is no plugin in ${folder}: it has no package.json.`,
  ],
  [/^Parsing --(\S+) \n\t(.*)$/s, (flag, reason) => `--${flag}: ${reason}`],
];

function inOurWords(error: ParseError, usage?: CommandUsage): Wording {
  const text = error.message
    .replace(/\n?See more help with --help/g, '')
    .replace(/\u001B\[[0-9;]*m/g, '')
    .trim();
  const reasons = /^The following errors? occurred:\n(.*)$/s
    .exec(text)?.[1]
    ?.split(/\n\s*(?=Missing|--|All of)/) ?? [text];
  const said = reasons.map((reason) => inOurWordsOne(reason.trim()));
  const isMissing = said.some((sentence) => sentence.endsWith('is missing.'));
  return { message: said.join(' '), hint: isMissing ? exampleHint(usage) : helpHint(usage) };
}

function inOurWordsOne(reason: string): string {
  for (const [pattern, say] of sentences) {
    const found = pattern.exec(reason);
    if (found) return say(...found.slice(1));
  }
  return reason;
}

function exampleHint(usage?: CommandUsage): string | undefined {
  return usage?.example === undefined ? helpHint(usage) : `For example: ${usage.example}`;
}

function helpHint(usage?: CommandUsage): string | undefined {
  return usage && `Its flags and arguments: ${usage.command} --help`;
}
