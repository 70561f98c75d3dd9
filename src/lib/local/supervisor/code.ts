import { createReadStream, mkdirSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { unpackTar } from 'modern-tar/fs';
import { messageOf } from '../../errors.js';

/** Unpacks a code archive (.tar.gz or .tar) into a folder; nothing of it may leave the folder. */
export async function unpackCode(
  archive: string,
  folder: string,
): Promise<{ folder: string } | { failure: string }> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  try {
    await pipeline(createReadStream(archive), createGunzip(), unpackTar(folder));
  } catch (error) {
    return { failure: `The code archive could not be unpacked: ${messageOf(error)}` };
  }
  // An archive holds one top folder, named after the project: that is the code.
  const [only, ...others] = readdirSync(folder);
  const top = only === undefined || others.length > 0 ? folder : join(folder, only);
  return { folder: statSync(top).isDirectory() ? top : folder };
}
