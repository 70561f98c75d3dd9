import { createHash } from 'node:crypto';
import { open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { dataDirectoryError } from '../data-directory.js';
import { systemCode } from '../errors.js';
import { makeFolder } from '../folder.js';
import { isSameProcess, processIdentity } from '../process-identity.js';

/** How far a submission had come when it was last heard of. */
export type JournalState = 'prepared' | 'sent' | 'accepted' | 'reported';

export interface JournalEntry {
  readonly host: string;
  readonly user: string;
  /** Of the final configuration and the code's name: the same workload has the same digest. */
  readonly digest: string;
  readonly token: string;
  readonly folder: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
  readonly state: JournalState;
  /** Known from `accepted` on. */
  readonly runId: string | null;
}

/** An entry is offered for resuming, and kept at all, for this long. */
const lifetime = 24 * 3_600_000;
/** Of an entry's file while it is being written. */
const draftEnding = '.new';

/** The digest that makes two submissions the same workload. Every part counts, and where it ends. */
export function workloadDigest(parts: readonly (string | null)[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('hex');
}

/**
 * The record of submissions on this machine: what makes a crash or a lost answer end in one run. Each entry is
 * a file `TOKEN@OWNER.json`, OWNER being the identity of the process that works on it, so that taking over the
 * entry of a dead process is one atomic rename, which only one of several can win.
 */
export class Journal {
  constructor(
    private readonly directory: string,
    private readonly now: () => number,
  ) {}

  /**
   * An unfinished submission of the same workload to the same workspace by the same user, whose process is
   * dead: it is taken over, so that nobody else resumes it too. Null when there is none.
   */
  async adopt(key: Pick<JournalEntry, 'host' | 'user' | 'digest'>): Promise<OpenEntry | null> {
    for (const file of await this.files()) {
      const owner = ownerOf(file);
      if (owner === null || isSameProcess(owner) || file.endsWith(draftEnding)) continue;
      const entry = await this.read(file);
      if (entry === null || entry.state === 'reported' || this.isExpired(entry)) continue;
      if (entry.host !== key.host || entry.user !== key.user || entry.digest !== key.digest) continue;
      const path = this.pathOf(entry.token);
      try {
        await rename(join(this.directory, file), path);
      } catch (error) {
        if (systemCode(error) === 'ENOENT') continue;
        throw error;
      }
      return new OpenEntry(path, entry);
    }
    return null;
  }

  /**
   * Records a new submission, on disk before this returns.
   * @throws AirError when nothing can be kept in the data directory
   */
  async begin(key: Pick<JournalEntry, 'host' | 'user' | 'digest' | 'token' | 'folder'>): Promise<OpenEntry> {
    const entry: JournalEntry = { ...key, createdAt: this.now(), state: 'prepared', runId: null };
    const opened = new OpenEntry(this.pathOf(key.token), entry);
    try {
      makeFolder(this.directory, 0o700);
      await this.prune();
      await opened.write(entry);
    } catch (error) {
      throw dataDirectoryError(dirname(this.directory), error);
    }
    return opened;
  }

  /** Removes what can no longer be resumed: reported or expired entries, and drafts, of processes that are gone. */
  private async prune(): Promise<void> {
    for (const file of await this.files()) {
      const owner = ownerOf(file);
      if (owner === null || isSameProcess(owner)) continue;
      const entry = file.endsWith(draftEnding) ? null : await this.read(file);
      if (entry === null || entry.state === 'reported' || this.isExpired(entry)) {
        await rm(join(this.directory, file), { force: true });
      }
    }
  }

  private isExpired(entry: JournalEntry): boolean {
    return this.now() - entry.createdAt > lifetime;
  }

  private async files(): Promise<string[]> {
    try {
      return await readdir(this.directory);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw dataDirectoryError(dirname(this.directory), error);
    }
  }

  /** An entry; null for a file that is gone or was never completely written. */
  private async read(file: string): Promise<JournalEntry | null> {
    try {
      return JSON.parse(await readFile(join(this.directory, file), 'utf8')) as JournalEntry;
    } catch {
      return null;
    }
  }

  private pathOf(token: string): string {
    const owner = processIdentity(process.pid) ?? `${process.pid}-0`;
    return join(this.directory, `${encodeURIComponent(token)}@${owner}.json`);
  }
}

/** An entry that this process works on. */
export class OpenEntry {
  constructor(
    private readonly path: string,
    private current: JournalEntry,
  ) {}

  get entry(): JournalEntry {
    return this.current;
  }

  async advance(state: JournalState, runId: string | null = this.current.runId): Promise<void> {
    await this.write({ ...this.current, state, runId });
  }

  /** Nothing was submitted and nothing is to be resumed. */
  async discard(): Promise<void> {
    await rm(this.path, { force: true });
  }

  /** Replaces the entry as a whole, and returns once the disk has it. */
  async write(entry: JournalEntry): Promise<void> {
    const draft = `${this.path}${draftEnding}`;
    try {
      const file = await open(draft, 'w', 0o600);
      try {
        await file.writeFile(`${JSON.stringify(entry)}\n`);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(draft, this.path);
    } catch (error) {
      await rm(draft, { force: true });
      throw error;
    }
    await syncDirectory(join(this.path, '..'));
    this.current = entry;
  }
}

async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path, 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

function ownerOf(file: string): string | null {
  return /^[^@]+@(.+)\.json(?:\.new)?$/.exec(file)?.[1] ?? null;
}
