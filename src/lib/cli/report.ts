import { AirError, Interrupted, messageOf, systemCode, type Diagnostic } from '../errors.js';
import type { Clock, IO } from '../io.js';
import { errorEnvelope, type Warning } from './envelope.js';
import type { OutputFormat } from './format.js';
import { paragraph } from './terminal/paragraph.js';
import { asUsageError, type CommandUsage } from './usage-error.js';

export interface ReportOptions {
  format: OutputFormat;
  /** One line in JSON too: the stream before it was NDJSON. */
  compact?: boolean;
  /** Add the stack of a fault of ours. */
  debug?: boolean;
  /** The plugin whose command failed. */
  plugin?: string | undefined;
  /** The command that was called, for a hint how to call it. */
  usage?: CommandUsage;
}

/** Prints a failure, text to stderr or an envelope to stdout, and answers the exit code. */
export function reportError(thrown: unknown, host: { io: IO; clock: Clock }, options: ReportOptions): number {
  const error = asAirError(thrown, options.plugin, options.usage);
  if (options.debug && error.cause instanceof Error) host.io.stderr.write(`${error.cause.stack ?? ''}\n`);
  if (options.format === 'json') {
    const envelope = errorEnvelope(host.clock.now(), error);
    host.io.stdout.write(`${JSON.stringify(envelope, undefined, options.compact ? undefined : 2)}\n`);
  } else {
    host.io.stderr.write(renderError(error, host.io.stderr.columns));
  }
  return error.exitCode;
}

/**
 * Any thrown thing as the one error class. What is not ours is a fault of the program, or of the plugin whose
 * code it was, never of the user.
 */
export function asAirError(thrown: unknown, plugin?: string, called?: CommandUsage): AirError {
  if (thrown instanceof AirError) return thrown;
  const usage = asUsageError(thrown, called);
  if (usage) return usage;
  const ofFiles = fileProblem(thrown);
  if (ofFiles) return ofFiles;
  if (plugin !== undefined) return pluginFault(thrown, plugin);
  return new AirError('INTERNAL_ERROR', `Unexpected fault: ${messageOf(thrown)}`, {
    hint: 'This is a fault of the program. Run the command again with --debug and report what it prints.',
    cause: thrown,
  });
}

/** A fault in the code of a plugin, told apart from ours. */
export function pluginFault(thrown: unknown, plugin: string, where = 'failed'): AirError {
  return new AirError('INTERNAL_ERROR', `The plugin ${plugin} ${where}: ${messageOf(thrown)}`, {
    hint: `The fault is in the plugin. To remove it, type: air plugins uninstall ${plugin}`,
    cause: thrown,
  });
}

/** A failure of the file system that is not the program's: of the disk, of permissions, of a path that was given. */
function fileProblem(thrown: unknown): AirError | undefined {
  const code = systemCode(thrown);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new AirError('INTERNAL_ERROR', `The disk is full: ${messageOf(thrown)}`, {
      hint: 'Free some space and run the command again.',
      cause: thrown,
    });
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new AirError('PERMISSION_DENIED', `This file or folder cannot be used: ${messageOf(thrown)}`, {
      cause: thrown,
    });
  }
  if (code === 'ENOTDIR' || code === 'EISDIR' || code === 'ENAMETOOLONG' || code === 'ELOOP') {
    return new AirError('INVALID_ARGS', `This path cannot be used: ${messageOf(thrown)}`, { cause: thrown });
  }
  return undefined;
}

function renderError(error: AirError, width: number | undefined): string {
  const parts = [`${error instanceof Interrupted ? '' : 'Error: '}${error.message}\n`];
  for (const detail of error.details ?? []) parts.push('\n', renderDetail(detail, width));
  if (error.hint !== undefined) parts.push(error.details ? '\n' : '', `Hint: ${error.hint}\n`);
  return parts.join('');
}

/** One problem: its frame, or its place, then its sentences in lines of at most `width` columns. */
function renderDetail(
  detail: Pick<Diagnostic, 'file' | 'line' | 'column' | 'message' | 'hint' | 'frame'>,
  width: number | undefined,
): string {
  const { file, line, column, message, hint, frame = `${file}:${line}:${column}\n` } = detail;
  const sentences = hint === undefined ? [message] : [message, hint];
  return frame + sentences.map((sentence) => paragraph(sentence, '  ', width)).join('');
}

export function renderWarning(warning: Warning, width?: number): string {
  const { message, hint, frame, file = '', line = 1, column = 1 } = warning;
  if (frame !== undefined) return renderDetail({ file, line, column, message, hint, frame }, width);
  const place = file === '' ? '' : `${file}:${line}:${column}: `;
  const sentences = paragraph(`Warning: ${place}${message}`, '', width);
  return hint === undefined ? sentences : sentences + paragraph(hint, '  ', width);
}
