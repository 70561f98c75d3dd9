import type { Hook, Interfaces } from '@oclif/core';
import { AirError } from '../lib/errors.js';
import { outputFormatOf } from '../lib/cli/format.js';
import { systemHost } from '../lib/cli/host.js';
import { reportError } from '../lib/cli/report.js';
import { nearest } from '../lib/nearest.js';
import { shellWord } from '../lib/shell-word.js';

/** What people of neighbouring tools type, and where it leads here. */
const elsewhere: Readonly<Record<string, string>> = {
  status: 'get run',
  submit: 'run',
  stop: 'cancel',
  ps: 'list',
};

const hook: Hook.CommandNotFound = function ({ id, argv, config }) {
  const typed = id.replaceAll(':', ' ');
  const error = new AirError('INVALID_ARGS', `There is no command "${typed}".`, {
    hint: hintFor(typed, config),
  });
  process.exitCode = reportError(error, systemHost, { format: outputFormatOf(argv ?? [], process.env) });
  return Promise.resolve();
};

function hintFor(typed: string, config: Interfaces.Config): string {
  if (/^-?-v(ersion)?$/i.test(typed)) return 'Did you mean: air --version';
  if (typed.startsWith('-')) return 'Flags stand after the words of a command: air list -o json';
  const file = workloadFile(typed);
  if (file !== undefined) return `Did you mean: air run -f ${shellWord(file)}`;
  const suggestion = commandNear(typed, config);
  return suggestion === null ? 'To see the commands, type: air help' : `Did you mean: air ${suggestion}`;
}

/** The file of `air run train.yaml`, or of `air train.yaml`. */
function workloadFile(typed: string): string | undefined {
  const file = typed.replace(/^run /, '');
  return /\.ya?ml$/i.test(file) ? file : undefined;
}

function commandNear(typed: string, config: Interfaces.Config): string | null {
  const names = config.commands
    .filter((command) => !command.hidden)
    .map((command) => command.id.replaceAll(':', ' '));
  const first = typed.split(' ')[0] ?? '';
  const foreign = nearest(first, Object.keys(elsewhere));
  return (
    elsewhere[first] ??
    nearest(typed, names) ??
    (foreign === null ? nearest(first, names) : (elsewhere[foreign] ?? null))
  );
}

export default hook;
