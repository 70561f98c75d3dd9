import { Args, Flags } from '@oclif/core';
import { AirError } from '../errors.js';

export const globalFlags = {
  profile: Flags.string({
    char: 'p',
    summary: 'profile of ~/.databrickscfg to use',
    helpValue: 'NAME',
    helpGroup: 'GLOBAL',
    exclusive: ['local'],
  }),
  local: Flags.boolean({ summary: 'use the workspace on this machine', helpGroup: 'GLOBAL' }),
  output: Flags.string({
    char: 'o',
    summary: 'output format [default: text, or DATABRICKS_OUTPUT_FORMAT]',
    options: ['text', 'json'],
    helpGroup: 'GLOBAL',
  }),
  json: Flags.boolean({ summary: 'short for --output json', helpGroup: 'GLOBAL' }),
  debug: Flags.boolean({ summary: 'trace requests and faults on stderr', helpGroup: 'GLOBAL' }),
};

const largestId = 2n ** 63n - 1n;

/** The decimal text of a run id, or an INVALID_ARGS error that says what is wrong with it. */
export function parseRunId(text: string): string {
  if (/^\+?\d+$/.test(text)) {
    const id = BigInt(text.replace('+', ''));
    if (id > 0n && id <= largestId) return id.toString();
  }
  throw new AirError(
    'INVALID_ARGS',
    `${JSON.stringify(text)} is not a run id: a run id is a positive 64-bit integer.`,
    {
      hint: 'Run ids are what "air run" prints and "air list" shows.',
    },
  );
}

/** The positional that names a run. */
export const runIdArg = Args.custom({
  name: 'JOB_RUN_ID',
  description: 'id of the job run, as "air run" and "air list" show it',
  ignoreStdin: true,
  parse: async (text) => Promise.resolve(parseRunId(text)),
});

/** The service's limit on idempotency tokens, in bytes. */
const longestKey = 64;

/** `--idempotency-key`, trimmed; undefined when it was not given. An INVALID_ARGS error for one nobody can use. */
export function parseIdempotencyKey(text: string | undefined): string | undefined {
  const key = text?.trim();
  if (key === undefined) return undefined;
  const length = Buffer.byteLength(key);
  if (length > 0 && length <= longestKey) return key;
  throw new AirError(
    'INVALID_ARGS',
    length === 0
      ? '--idempotency-key is empty.'
      : `--idempotency-key is ${length} bytes long; at most ${longestKey} are accepted.`,
  );
}

/** The path given as `name`; an INVALID_ARGS error for an empty one, which would mean the working folder, or nothing. */
export function parsePath(text: string, name: string): string {
  if (text !== '') return text;
  throw new AirError('INVALID_ARGS', `${name} is empty.`, {
    hint: 'A variable of the shell that is not set gives an empty word.',
  });
}

const unitMilliseconds: Readonly<Record<string, number>> = {
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

/** Milliseconds of a duration such as `90s`, `9m`, `2h` or `1d`; null when the text is none. */
export function parseDuration(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)([smhd])$/.exec(text.trim());
  const unit = unitMilliseconds[match?.[2] ?? ''];
  return match?.[1] === undefined || unit === undefined ? null : Math.round(Number(match[1]) * unit);
}
