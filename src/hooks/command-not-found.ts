import type { Hook } from '@oclif/core';
import { AirError } from '../lib/errors.js';
import { outputFormatOf } from '../lib/cli/format.js';
import { systemHost } from '../lib/cli/host.js';
import { reportError } from '../lib/cli/report.js';
import { nearest } from '../lib/nearest.js';

/** What people of neighbouring tools type, and where it leads here. */
const elsewhere: Readonly<Record<string, string>> = {
  status: 'get run',
  submit: 'run',
  stop: 'cancel',
  ps: 'list',
};

const hook: Hook.CommandNotFound = function ({ id, argv, config }) {
  const typed = id.replaceAll(':', ' ');
  const names = config.commands
    .filter((command) => !command.hidden)
    .map((command) => command.id.replaceAll(':', ' '));
  const first = typed.split(' ')[0] ?? '';
  const foreign = nearest(first, Object.keys(elsewhere));
  const suggestion =
    elsewhere[first] ??
    nearest(typed, names) ??
    (foreign === null ? nearest(first, names) : elsewhere[foreign]);
  const error = new AirError('INVALID_ARGS', `There is no command "${typed}".`, {
    hint: suggestion ? `Did you mean: air ${suggestion}` : 'Type: air help',
  });
  process.exitCode = reportError(error, systemHost, { format: outputFormatOf(argv ?? [], process.env) });
  return Promise.resolve();
};

export default hook;
