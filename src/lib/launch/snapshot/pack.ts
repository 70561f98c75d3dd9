import { createHash, hash } from 'node:crypto';
import { closeSync, fstatSync, readlinkSync, readSync, rmSync } from 'node:fs';
import { open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { AirError, systemCode } from '../../errors.js';
import { archiveArguments, type PinnedCommit } from './commit.js';
import { changedError, openForReading, type SnapshotEntry } from './fingerprint.js';
import { startGit } from './git.js';
import { ParallelGzip } from './gzip.js';
import { Pacer } from './pace.js';
import type { SnapshotPlan } from './plan.js';
import { scratchFolder } from './scratch.js';
import { padding, tarEnd, tarHeader } from './tar.js';

export interface PackOptions {
  signal: AbortSignal;
  /** What has been read so far; called a few times a second at most. */
  onProgress?: ((done: { files: number; bytes: number }) => void) | undefined;
}

/** An archive in a temporary folder of its own. */
export interface Archive {
  readonly path: string;
  readonly bytes: number;
  /** Removes it. */
  dispose(): Promise<void>;
}

const fileMode = 0o644;
const executableMode = 0o755;

/**
 * Writes the archive of a plan: `<directory>/...`, gzipped. Memory stays flat whatever the size. Every file
 * is checked against the digest that the archive's name was made of.
 * @throws AirError CONFLICT when a file is no longer what was planned; what was written is removed.
 */
export async function packSnapshot(plan: SnapshotPlan, options: PackOptions): Promise<Archive> {
  const folder = await scratchFolder();
  const path = join(folder, 'code.tar.gz');
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      const gzip = new ParallelGzip((bytes) => file.appendFile(bytes));
      const packer = new Packer(plan, gzip, options);
      await (plan.content.kind === 'files'
        ? packer.packFiles(plan.content.entries, plan.content.cachePath)
        : packer.packCommit(plan.content.pin));
      await gzip.end();
      const { size } = await file.stat();
      return { path, bytes: size, dispose: () => rm(folder, { recursive: true, force: true }) };
    } finally {
      await file.close();
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw systemCode(error) === 'ENOSPC' ? diskFull(folder, error) : error;
  }
}

class Packer {
  private readonly pacer: Pacer;
  private files = 0;
  private bytes = 0;
  private reportedAt = -Infinity;

  constructor(
    private readonly plan: SnapshotPlan,
    private readonly gzip: ParallelGzip,
    private readonly options: PackOptions,
  ) {
    this.pacer = new Pacer(options.signal);
  }

  async packFiles(entries: readonly SnapshotEntry[], cachePath: string): Promise<void> {
    const { directory } = this.plan;
    this.gzip.write(tarHeader({ path: `${directory}/`, type: 'directory', mode: executableMode, bytes: 0 }));
    for (const entry of entries) {
      const path = `${directory}/${entry.path}`;
      if (entry.type === 'link') this.packLink(path, entry);
      else await this.packFile(path, entry, cachePath);
      this.files++;
      if (this.isPauseDue) await this.pause();
    }
    this.gzip.write(tarEnd);
  }

  async packCommit(pin: PinnedCommit): Promise<void> {
    const { root, directory, includePaths, surroundings } = this.plan;
    const { signal } = this.options;
    const args = archiveArguments(directory, pin, includePaths);
    const archive = startGit(root, args, { env: surroundings.env, signal, literalPaths: true });
    for await (const chunk of archive.stdout as AsyncIterable<Buffer>) {
      this.gzip.write(chunk);
      this.bytes += chunk.length;
      if (this.isPauseDue) await this.pause();
    }
    await archive.done;
  }

  private packLink(path: string, entry: SnapshotEntry & { type: 'link' }): void {
    const { target } = entry;
    if (currentTarget(join(this.plan.root, entry.path)) !== target) throw this.changed(entry);
    this.gzip.write(tarHeader({ path, type: 'link', mode: 0o777, bytes: 0, target }));
  }

  private async packFile(
    path: string,
    entry: SnapshotEntry & { type: 'file' },
    cachePath: string,
  ): Promise<void> {
    const mode = entry.executable ? executableMode : fileMode;
    this.gzip.write(tarHeader({ path, type: 'file', mode, bytes: entry.bytes }));
    const digest = await this.packContent(`${this.plan.root}/${entry.path}`, entry);
    if (digest !== entry.digest) {
      // Should the cache ever be what was wrong, the next run must not meet it again.
      rmSync(cachePath, { force: true });
      throw this.changed(entry);
    }
    this.gzip.write(padding(entry.bytes));
  }

  /** Packs exactly the planned number of bytes; answers the digest of what they were. */
  private async packContent(path: string, entry: SnapshotEntry & { type: 'file' }): Promise<string> {
    const file = openForReading(path);
    try {
      if (fstatSync(file).size !== entry.bytes) throw this.changed(entry);
      const read = (buffer: Buffer, offset: number, length: number) =>
        readSync(file, buffer, offset, length, null);
      const start = this.gzip.fill(entry.bytes, read);
      if (start.length === entry.bytes) {
        this.bytes += start.length;
        return hash('sha256', start);
      }
      const digest = createHash('sha256');
      let left = entry.bytes;
      for (let part = start; ; part = this.gzip.fill(left, read)) {
        if (part.length === 0) throw this.changed(entry);
        digest.update(part);
        left -= part.length;
        this.bytes += part.length;
        if (left === 0) return digest.digest('hex');
        if (this.isPauseDue) await this.pause();
      }
    } finally {
      closeSync(file);
    }
  }

  private changed({ path }: SnapshotEntry): AirError {
    return changedError(join(this.plan.root, path), 'while it was being packed');
  }

  private get isPauseDue(): boolean {
    return this.gzip.isBehind || this.pacer.isDue;
  }

  /** Lets the compression catch up, and everything else that is going on; progress ten times a second at most. */
  private async pause(): Promise<void> {
    await this.gzip.catchUp();
    if (this.pacer.isDue) await this.pacer.breathe();
    const { onProgress } = this.options;
    if (onProgress === undefined || performance.now() - this.reportedAt < 100) return;
    this.reportedAt = performance.now();
    onProgress({ files: this.files, bytes: this.bytes });
  }
}

function currentTarget(path: string): string | null {
  try {
    return readlinkSync(path);
  } catch {
    return null;
  }
}

function diskFull(folder: string, cause: unknown): AirError {
  return new AirError('INTERNAL_ERROR', `There is no room left to pack the code in ${folder}.`, {
    hint: 'Free some space, or name a folder with room: export TMPDIR=/path/with/room',
    cause,
  });
}
