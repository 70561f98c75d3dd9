import { setImmediate as nextTurn } from 'node:timers/promises';
import { Config, run, settings, type Interfaces } from '@oclif/core';
import { AirError, exitCodes } from '../errors.js';
import { outputFormatOf } from './format.js';
import { settleHome } from './home.js';
import { systemHost } from './host.js';
import { commandPlugin } from './plugins/fault.js';
import { preparePlugins } from './plugins/loading.js';
import { reportError } from './report.js';

const packageName = '@air-cli/air';

/** Runs one command line to its end and exits with its code. `root` is the package's folder. */
export async function main(argv: string[], root: string): Promise<void> {
  // Before the listener of the framework, which throws.
  process.stdout.prependListener('error', endOnLostOutput);
  // Progress and warnings that cannot be shown change nothing: the work goes on, and its exit code tells of it.
  process.stderr.on('error', () => undefined);
  // What a promise that nobody waited for has to say is an error like any other, not a stack trace.
  process.on('unhandledRejection', (error) => process.exit(report(error, argv)));
  await execute(argv, root);
  await Promise.all([process.stdout, process.stderr].map(written));
  // A file that could not be written, on a full disk for example, says so a moment after the write.
  await nextTurn();
  process.exit();
}

/** Resolves once the stream's reader has taken all: an exit would cut what still waits for a slow one. */
function written(stream: NodeJS.WriteStream): Promise<void> {
  if (stream.writableLength === 0) return Promise.resolve();
  return new Promise((resolve) => stream.write('', () => resolve()));
}

/** Runs one command line and leaves its exit code in `process.exitCode`. */
export async function execute(argv: string[], root: string): Promise<void> {
  settings.enableAutoTranspile = false;
  let plugins: ReturnType<typeof preparePlugins>;
  let config: Interfaces.Config | undefined;
  try {
    settleHome(process.env);
    plugins = preparePlugins({ name: packageName, root }, argv);
    config = await Config.load({ root });
    await plugins?.show(config);
    await run(argv, config);
  } catch (error) {
    process.exitCode = exitOf(error) ?? report(error, argv, config && commandPlugin(argv, config));
  } finally {
    await plugins?.close();
  }
}

function report(error: unknown, argv: readonly string[], plugin?: string): number {
  return reportError(error, systemHost, {
    format: outputFormatOf(argv, process.env),
    debug: argv.includes('--debug'),
    plugin,
  });
}

/**
 * After EPIPE the reader has seen enough (`| head`): there is nobody left to tell anything. Any other error, such
 * as a full disk, has cost output, and is told on stderr, also in JSON mode: stdout is what failed.
 */
function endOnLostOutput(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(exitCodes.success);
  const lost = new AirError('INTERNAL_ERROR', `The output could not be written: ${error.message}`, {
    hint: 'Make room, or write it elsewhere, and run the command again.',
    cause: error,
  });
  process.exit(reportError(lost, systemHost, { format: 'text' }));
}

/** oclif ends help and version by throwing: the code of such an end, undefined for a real error. */
function exitOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('oclif' in error)) return undefined;
  const { code } = error as { code?: unknown };
  if (code !== 'EEXIT') return undefined;
  return (error.oclif as { exit?: number }).exit ?? exitCodes.success;
}
