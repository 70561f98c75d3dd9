import {
  closeSync,
  createReadStream,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  realpathSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { unpackTar } from 'modern-tar/fs';
import { messageOf } from '../../errors.js';

/** A symbolic link of an archive. */
interface Link {
  name: string;
  target: string;
}

/** Unpacks a code archive (.tar.gz or .tar) into a folder; nothing of it may leave the folder. */
export async function unpackCode(
  archive: string,
  folder: string,
): Promise<{ folder: string } | { failure: string }> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const links: Link[] = [];
  const unpacker = unpackTar(folder, {
    strict: true,
    filter: ({ name, type, linkname }) => {
      if (type !== 'symlink' || !linkname) return true;
      links.push({ name, target: linkname });
      return false;
    },
  });
  try {
    if (isCompressed(archive)) await pipeline(createReadStream(archive), createGunzip(), unpacker);
    else await pipeline(createReadStream(archive), unpacker);
    placeLinks(folder, links);
  } catch (error) {
    return { failure: `The code archive could not be unpacked: ${messageOf(error)}` };
  }
  // An archive holds one top folder, named after the project: that is the code.
  const [only, ...others] = readdirSync(folder);
  const top = only === undefined || others.length > 0 ? folder : join(folder, only);
  return { folder: statSync(top).isDirectory() ? top : folder };
}

/**
 * Makes the links: last, so that nothing is written through one that leads out of the archive and none has to lead
 * anywhere, and their folders first, so that none of them is made through another.
 */
function placeLinks(folder: string, links: readonly Link[]): void {
  const root = realpathSync(folder);
  for (const { name } of links) {
    if (!isInside(folder, resolve(folder, name))) throw new Error(`"${name}" lies outside of the archive.`);
    mkdirSync(join(folder, dirname(name)), { recursive: true, mode: 0o700 });
  }
  for (const { name, target } of links) {
    const parent = realpathSync(join(folder, dirname(name)));
    if (!isInside(root, parent)) throw new Error(`"${name}" lies outside of the archive.`);
    symlinkSync(target, join(parent, basename(name)));
  }
}

function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '..' && !way.startsWith(`..${sep}`);
}

/** Whether a file begins as gzip does. */
function isCompressed(file: string): boolean {
  const handle = openSync(file, 'r');
  try {
    const start = Buffer.alloc(2);
    return readSync(handle, start) === 2 && start.readUInt16BE() === 0x1f8b;
  } finally {
    closeSync(handle);
  }
}
