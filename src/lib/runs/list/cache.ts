import { createHash } from 'node:crypto';
import { appendFile, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { idText, type Run, type RunTask } from '../../workspace/contract/index.js';
import { isOver, latestTask } from '../status.js';
import type { Tracking } from '../tracking.js';
import { sweepTask } from '../training.js';

/** A finished run as the cache keeps it: what the rows are derived from, never the derived. */
export interface CachedRun {
  readonly run: Run;
  readonly tracking: Pick<Tracking, 'ids' | 'runName'>;
}

/** Bytes of the file at which its older half is dropped. */
const largest = 8 * 1024 * 1024;
/** Part of the file's name: another shape of entries gets another file. */
const format = 1;

/**
 * Finished runs on disk, for one host and one user: they change no more, so a warm list asks nothing for them.
 * One file of lines, only ever appended to: several processes can use it at once, and a line that was torn or
 * lost costs one request. Nothing here ever fails a command.
 */
export class RunCache {
  private readonly fresh = new Map<string, CachedRun>();

  private constructor(
    private readonly file: string | null,
    /** The lines as read, by run id; each is parsed when it is asked for. */
    private readonly lines: ReadonlyMap<string, string>,
    private readonly size: number,
  ) {}

  static readonly none = new RunCache(null, new Map(), 0);

  static async open(folder: string, host: string, user: string): Promise<RunCache> {
    const key = createHash('sha256').update(`${host}\n${user}`).digest('hex').slice(0, 24);
    const file = join(folder, `finished-runs-${key}.v${format}.jsonl`);
    let text = '';
    try {
      text = await readFile(file, 'utf8');
    } catch {
      // No cache yet, or none that can be read: every run is asked for.
    }
    const lines = new Map<string, string>();
    for (const line of text.split('\n')) {
      const id = /^\{"id":"(\d+)"/.exec(line)?.[1];
      if (id !== undefined && line.endsWith('}')) lines.set(id, line);
    }
    return new RunCache(file, lines, Buffer.byteLength(text));
  }

  find(id: string): CachedRun | null {
    const fresh = this.fresh.get(id);
    if (fresh) return fresh;
    const line = this.lines.get(id);
    if (line === undefined) return null;
    try {
      const { run, tracking } = JSON.parse(line) as Partial<CachedRun>;
      return run && tracking ? { run, tracking } : null;
    } catch {
      return null;
    }
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

  /** Writes what was kept since the cache was opened. */
  async save(): Promise<void> {
    if (this.file === null || this.fresh.size === 0) return;
    const added = [...this.fresh].map(([id, entry]) => `${JSON.stringify({ id, ...entry })}\n`).join('');
    this.fresh.clear();
    try {
      await mkdir(join(this.file, '..'), { recursive: true, mode: 0o700 });
      if (this.size + Buffer.byteLength(added) > largest) await this.replace(this.file, added);
      else await appendFile(this.file, added, { mode: 0o600 });
    } catch {
      // A cache that cannot be written saves nothing, and breaks nothing.
    }
  }

  /** A new file of the newer half and of what came; what another process appends meanwhile may be lost. */
  private async replace(file: string, added: string): Promise<void> {
    const kept = [...this.lines.values()].slice(Math.ceil(this.lines.size / 2));
    const temporary = `${file}.${process.pid}`;
    try {
      await writeFile(temporary, kept.map((line) => `${line}\n`).join('') + added, { mode: 0o600 });
      await rename(temporary, file);
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
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
