import { Config, run, settings } from '@oclif/core';
import { exitCodes } from '../errors.js';
import { outputFormatOf } from './format.js';
import { systemHost } from './host.js';
import { reportError } from './report.js';

/** Runs one command line to its end and exits with its code. `root` is the package's folder. */
export async function main(argv: string[], root: string): Promise<void> {
  settings.enableAutoTranspile = false;
  process.stdout.on('error', endOnClosedPipe);
  process.stderr.on('error', endOnClosedPipe);
  try {
    const config = await Config.load({ root });
    await run(argv, config);
  } catch (error) {
    const quiet = exitOf(error);
    process.exitCode =
      quiet ??
      reportError(error, systemHost, {
        format: outputFormatOf(argv, process.env),
        debug: argv.includes('--debug'),
      });
  }
  process.exit();
}

/** The reader has seen enough (`| head`): there is nobody left to tell anything. */
function endOnClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code === 'EPIPE') process.exit(exitCodes.success);
  throw error;
}

/** oclif ends help and version by throwing: the code of such an end, undefined for a real error. */
function exitOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('oclif' in error)) return undefined;
  const { code } = error as { code?: unknown };
  if (code !== 'EEXIT') return undefined;
  return (error.oclif as { exit?: number }).exit ?? exitCodes.success;
}
