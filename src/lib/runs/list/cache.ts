import { createHash } from 'node:crypto';
import { appendFile, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { makeFolder } from '../../folder.js';
import { idText, type Run, type RunTask } from '../../workspace/contract/index.js';
import { isOver, latestTask } from '../status.js';
import type { Tracking } from '../tracking.js';
import { sweepTask } from '../training.js';

/** A finished run as the cache keeps it: what the rows are derived from, never the derived. */
export interface CachedRun {
  readonly run: Run;
  readonly tracking: Pick<Tracking, 'ids' | 'runName'>;
}

/** Bytes that a file may hold: more than as many runs as one listing looks at. */
const largest = 16 * 1024 * 1024;
/** Bytes that are kept, the newest, of a file that has grown beyond. */
const kept = 12 * 1024 * 1024;
/** Part of the file's name: another shape of lines gets another file. */
const format = 2;
const prefix = 'finished-runs-';
/** Milliseconds for which the platform keeps runs: a file untouched for longer holds none that is listed. */
const retention = 60 * 24 * 3_600_000;

/**
 * Finished runs on disk, for one host and one user: they change no more, so a warm list asks nothing for them.
 * One file of lines, each an id, a checksum and the run as JSON. Lines are only ever appended, so several
 * processes can use it at once; one that was torn, damaged or lost costs a request. Nothing here ever fails a
 * command.
 */
export class RunCache {
  private readonly fresh = new Map<string, CachedRun>();

  private constructor(
    private readonly file: string | null,
    /** The lines as read, by run id; each is parsed when it is asked for. */
    private readonly lines: ReadonlyMap<string, string>,
  ) {}

  static readonly none = new RunCache(null, new Map());

  static async open(folder: string, host: string, user: string): Promise<RunCache> {
    const key = createHash('sha256').update(`${host}\n${user}`).digest('hex').slice(0, 24);
    const file = join(folder, `${prefix}${key}.v${format}`);
    return new RunCache(file, await linesOf(file));
  }

  find(id: string): CachedRun | null {
    const fresh = this.fresh.get(id);
    if (fresh) return fresh;
    const line = this.lines.get(id);
    return line === undefined ? null : parsed(line);
  }

  /** Keeps a run if it is over and all was answered that belongs to it. */
  keep(run: Run, tracking: Tracking): void {
    const id = idText(run.run_id);
    if (this.file === null || id === null || this.find(id) !== null) return;
    if (!isOver(run) || run.state?.life_cycle_state === 'TERMINATING' || !tracking.complete) return;
    this.fresh.set(id, {
      run: finished(run),
      tracking: { ids: tracking.ids, runName: tracking.runName },
    });
  }

  /** Writes what was kept since the cache was opened, or last saved. */
  async save(): Promise<void> {
    if (this.file === null || this.fresh.size === 0) return;
    const added = [...this.fresh].map(([id, entry]) => lineOf(id, entry));
    this.fresh.clear();
    try {
      if (await isNew(this.file)) await prepareFolder(this.file);
      // The line break before them ends a line that another process left torn.
      await appendFile(this.file, `\n${added.join('\n')}\n`, { mode: 0o600 });
      // Looked at afterwards: of several processes at work, the last one sees what all have written.
      if ((await stat(this.file)).size > largest) await shrink(this.file);
    } catch {
      // A cache that cannot be written saves nothing, and breaks nothing.
    }
  }
}

const lineForm = /^(\d+) ([0-9a-f]{16}) (.+)$/;

function lineOf(id: string, entry: CachedRun): string {
  const json = JSON.stringify(entry);
  return `${id} ${checksum(json)} ${json}`;
}

/** Null for a line that is not as it was written. */
function parsed(line: string): CachedRun | null {
  const [, , sum, json = ''] = lineForm.exec(line) ?? [];
  return sum === checksum(json) ? (JSON.parse(json) as CachedRun) : null;
}

function checksum(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

/** The lines of a file by run id, in the order of writing; none where it cannot be read. */
async function linesOf(file: string): Promise<Map<string, string>> {
  const lines = new Map<string, string>();
  let text: string;
  try {
    // Far beyond its bound, it was not written by this program.
    if ((await stat(file)).size > 4 * largest) return lines;
    text = await readFile(file, 'utf8');
  } catch {
    return lines;
  }
  for (const line of text.split('\n')) {
    const id = lineForm.exec(line)?.[1];
    if (id === undefined) continue;
    // Written again, it counts as new.
    lines.delete(id);
    lines.set(id, line);
  }
  return lines;
}

/** Replaces the file by its newest lines; what another process appends meanwhile may be lost. */
async function shrink(file: string): Promise<void> {
  const newest: string[] = [];
  let size = 0;
  for (const line of [...(await linesOf(file)).values()].reverse()) {
    size += Buffer.byteLength(line) + 1;
    if (size > kept) break;
    newest.push(line);
  }
  const temporary = `${file}.${process.pid}`;
  try {
    await writeFile(temporary, `${newest.reverse().join('\n')}\n`, { mode: 0o600 });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function isNew(file: string): Promise<boolean> {
  return stat(file).then(
    () => false,
    () => true,
  );
}

/** Makes the folder, and takes away what no host or user has touched for long, or an older program left. */
async function prepareFolder(file: string): Promise<void> {
  const folder = dirname(file);
  makeFolder(folder, 0o700);
  for (const name of await readdir(folder)) {
    if (!name.startsWith(prefix) || name === basename(file)) continue;
    const other = join(folder, name);
    const isStale = Date.now() - (await stat(other)).mtimeMs > retention;
    if (isStale || !name.includes(`.v${format}`)) await rm(other, { force: true });
  }
}

/** A run without what no row shows, and of its tasks only the one that rows are read from. */
function finished(run: Run): Run {
  const task = sweepTask(run) ?? latestTask(run);
  return {
    ...pick(run, [
      'run_id',
      'run_name',
      'creator_user_name',
      'start_time',
      'end_time',
      'run_duration',
      'state',
    ]),
    ...pick(run, ['status', 'environments']),
    ...(task ? { tasks: [finishedTask(task)] } : {}),
  };
}

function finishedTask(task: RunTask): RunTask {
  const inner = task.for_each_task?.task;
  return {
    ...pick(task, [
      'run_id',
      'task_key',
      'attempt_number',
      'max_retries',
      'start_time',
      'end_time',
      'run_duration',
    ]),
    ...pick(task, ['state', 'environment_key', 'ai_runtime_task', 'gen_ai_compute_task']),
    ...(task.for_each_task ? { for_each_task: inner ? { task: finishedTask(inner) } : {} } : {}),
  };
}

function pick<T extends object, K extends keyof T>(from: T, keys: readonly K[]): Pick<T, K> {
  return Object.fromEntries(keys.flatMap((key) => (key in from ? [[key, from[key]]] : []))) as Pick<T, K>;
}
