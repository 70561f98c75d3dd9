import { randomBytes } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { dirname, join } from 'node:path';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Context } from 'hono';
import { systemCode } from '../../errors.js';
import { ApiFailure, diskFull } from '../engine/errors.js';

/**
 * Writes a request's body to a file, as a whole or not at all, whatever its size.
 * @throws ApiFailure over the limit of bytes, or when the disk is full.
 */
export async function receiveFile(
  context: Context,
  file: string,
  limit: number,
  overLimit: () => ApiFailure,
): Promise<void> {
  const draft = join(dirname(file), `.${randomBytes(8).toString('hex')}.part`);
  let size = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      size += chunk.length;
      if (size > limit) done(overLimit());
      else done(null, chunk);
    },
  });
  try {
    await pipeline(incomingOf(context), counted, createWriteStream(draft, { mode: 0o600 }));
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw fileFailure(error);
  }
}

/** A file's bytes as an answer. */
export function sendFile(context: Context, file: string, size: number): Response {
  context.header('content-type', 'application/octet-stream');
  context.header('content-length', String(size));
  if (context.req.method === 'HEAD') return context.body(null);
  return context.body(Readable.toWeb(createReadStream(file)) as ReadableStream);
}

/** Makes a folder and its parents. */
export async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw fileFailure(error);
  }
}

/** What the file system refuses, in the words of the API. */
export function fileFailure(error: unknown): unknown {
  switch (systemCode(error)) {
    case 'ENOSPC':
      return diskFull();
    case 'ENAMETOOLONG':
      return new ApiFailure(
        400,
        'INVALID_PARAMETER_VALUE',
        'A name of the path is too long for this machine.',
      );
    case 'ENOTDIR':
    case 'EEXIST':
      return new ApiFailure(400, 'INVALID_PARAMETER_VALUE', 'A part of the path is a file, not a folder.');
    case 'EISDIR':
      return new ApiFailure(400, 'INVALID_PARAMETER_VALUE', 'The path is a folder.');
    default:
      return error;
  }
}

function incomingOf(context: Context): Readable {
  const { incoming } = context.env as { incoming: IncomingMessage };
  return incoming;
}
