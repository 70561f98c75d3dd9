import { readFile, stat } from 'node:fs/promises';
import { AirError, messageOf, systemCode } from '../errors.js';
import { diagnosticOf, invalidFile, type Problem } from './problem.js';
import { SourceText } from './source.js';

/** The server takes a training_config.yaml of at most this many bytes. */
export const largestConfig = 1024 * 1024;

/**
 * The text of a workload file. A byte order mark is kept: the file's own bytes are what is uploaded.
 * @throws AirError NOT_FOUND or INVALID_ARGS when there is no such file; INVALID_CONFIG for one that is no UTF-8,
 *   or so large that it is not read at all
 */
export async function readSource(file: string): Promise<SourceText> {
  const bytes = await readBytes(file);
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
    return new SourceText(file, text);
  } catch {
    const text = new TextDecoder().decode(bytes);
    const broken = new SourceText(file, text);
    const offset = Math.max(0, text.indexOf('\uFFFD'));
    const message = 'The text is not UTF-8 from here on.';
    const problem = { path: '', source: broken, offset, message, hint: 'Save the file as UTF-8.' };
    throw invalidFile(file, [diagnosticOf(problem)]);
  }
}

async function readBytes(file: string): Promise<Buffer> {
  try {
    const { size } = await stat(file);
    if (size > 16 * largestConfig)
      throw invalidFile(file, [diagnosticOf(tooLarge(new SourceText(file, ''), size))]);
    return await readFile(file);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new AirError('NOT_FOUND', `There is no file ${file}.`, {
        hint:
          file === '-'
            ? 'To read the workload from standard input, name /dev/stdin as the file, with absolute paths in it.'
            : 'To write a starter file, type: air config init',
        cause: error,
      });
    }
    if (code === 'EISDIR') {
      throw new AirError('INVALID_ARGS', `${file} is a folder, not a workload file.`, { cause: error });
    }
    if (error instanceof AirError || code === 'EACCES' || code === 'EPERM') throw error;
    throw new AirError('INTERNAL_ERROR', `${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

export function tooLarge(source: SourceText, bytes: number): Problem {
  const size = (bytes / largestConfig).toFixed(2);
  return {
    path: '',
    source,
    offset: 0,
    message: `The configuration has ${size} MiB: the workspace takes at most 1 MiB.`,
    hint: 'Move large parameters, or the program in command, into files of code_source.',
  };
}
