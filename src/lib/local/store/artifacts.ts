import { randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, type Stats } from 'node:fs';
import { mkdir, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { AirError, systemCode } from '../../errors.js';

export interface ArtifactEntry {
  /** The last part of its path. */
  name: string;
  isDirectory: boolean;
  /** Bytes; absent for a folder, and where counting would mean reading. */
  size?: number;
}

export interface ArtifactContent {
  /** Bytes, where they are known beforehand. */
  size?: number;
  stream(): Readable;
}

/** Artifacts as plain files below one folder. Paths have `/` between their parts and none at the start. */
export class Artifacts {
  constructor(private readonly root: string) {}

  /** What a folder holds, by name; nothing when there is no such folder or it is a file. */
  async list(path: string): Promise<ArtifactEntry[]> {
    const folder = await this.existing(path);
    if (!folder?.stats.isDirectory()) return [];
    const entries = await readdir(folder.file, { withFileTypes: true });
    const found = await Promise.all(
      entries.map(async (entry): Promise<ArtifactEntry | undefined> => {
        if (entry.isDirectory()) return { name: entry.name, isDirectory: true };
        if (!entry.isFile()) return undefined;
        const { size } = await stat(join(folder.file, entry.name));
        return { name: entry.name, isDirectory: false, size };
      }),
    );
    return found.filter((entry) => entry !== undefined).sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async open(path: string): Promise<ArtifactContent | undefined> {
    const found = await this.existing(path);
    if (!found?.stats.isFile()) return undefined;
    const { size } = found.stats;
    // The end is fixed: a file that grows meanwhile would give more bytes than were announced.
    const stream = () => createReadStream(found.file, size === 0 ? {} : { end: size - 1 });
    return { size, stream };
  }

  /** Takes the place of what was there once all bytes have come, so that nobody reads half a file. */
  async write(path: string, content: Readable): Promise<void> {
    const file = this.place(path);
    const incoming = join(this.root, '.incoming');
    await mkdir(incoming, { recursive: true });
    await mkdir(dirname(file), { recursive: true });
    await this.confined(dirname(file));
    const partial = join(incoming, randomUUID());
    try {
      await pipeline(content, createWriteStream(partial, { mode: 0o600, flags: 'wx' }));
      await rename(partial, file);
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
  }

  /** Removes a file or a folder with all it holds; nothing there is no error. */
  async remove(path: string): Promise<void> {
    const found = await this.existing(path);
    if (found) await rm(found.file, { recursive: true, force: true });
  }

  private async existing(path: string): Promise<{ file: string; stats: Stats } | undefined> {
    const file = this.place(path);
    try {
      const stats = await stat(file);
      await this.confined(file);
      return { file, stats };
    } catch (error) {
      if (['ENOENT', 'ENOTDIR'].includes(systemCode(error) ?? '')) return undefined;
      throw error;
    }
  }

  private place(path: string): string {
    return join(this.root, ...artifactParts(path));
  }

  /** Refuses a file that a symbolic link put elsewhere. */
  private async confined(file: string): Promise<void> {
    const root = await realpath(this.root);
    const real = await realpath(file);
    if (real !== root && !real.startsWith(root + sep)) throw invalidPath(file);
  }
}

/** The parts of an artifact path. @throws AirError INVALID_ARGS for one that could leave its folder. */
export function artifactParts(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '');
  const bad =
    parts.some((part) => part === '.' || part === '..' || /[\0\\]/.test(part)) || parts[0] === '.incoming';
  if (bad) throw invalidPath(path);
  return parts;
}

function invalidPath(path: string): AirError {
  return new AirError('INVALID_ARGS', `Invalid artifact path '${path}'.`);
}
