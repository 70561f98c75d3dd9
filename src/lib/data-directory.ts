import { AirError, systemCode } from './errors.js';

/**
 * What went wrong with the files of the data directory: the user's error when the directory cannot be read or
 * written, else the error as it is.
 */
export function dataDirectoryError(dataDirectory: string, error: unknown): unknown {
  const cause = causeOf(error);
  if (cause === undefined) return error;
  return new AirError('INTERNAL_ERROR', `The data directory ${dataDirectory} cannot be used: ${cause}.`, {
    hint: 'Point AIR_DATA_DIR at a folder that you can write to.',
    cause: error,
  });
}

function causeOf(error: unknown): string | undefined {
  switch (systemCode(error)) {
    case 'EACCES':
    case 'EPERM':
      return 'you may not read and write it';
    case 'ENOTDIR':
    case 'EEXIST':
      return 'a part of the path is a file';
    case 'ENOSPC':
      return 'the disk is full';
    // The system counts a folder that cannot be made below /proc as missing.
    case 'ENOENT':
    case 'EROFS':
      return 'nothing can be written there';
    default:
      return undefined;
  }
}
