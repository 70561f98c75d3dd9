import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { execute } from '../main.js';
import type { Envelope } from '../envelope.js';
import { packageRoot } from '../../package-root.js';
import { captured } from './capture.js';

/** What a command line came to. */
export interface CommandResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The envelope of a command in JSON mode: its whole output, or the last line of its stream. */
  envelope<Data = Record<string, unknown>>(): Envelope<Data>;
}

export interface ScratchOptions {
  /** Folders of plugins to link. */
  readonly plugins?: readonly string[];
  /** Variables beside PATH, HOME and the folders of air. */
  readonly env?: Readonly<Record<string, string>>;
}

/** A place of its own to run commands in: home, configuration, cache, data, and the workspace of `--local`. */
export interface ScratchAir {
  /** The temporary folder of everything. */
  readonly folder: string;
  /** Runs one command line in this process, as `air` would. Command lines run one after the other. */
  run(...argv: string[]): Promise<CommandResult>;
  /** Stops the local workspace, if one was started, and removes the folder. */
  close(): Promise<void>;
}

export async function scratchAir(options: ScratchOptions = {}): Promise<ScratchAir> {
  const folder = await mkdtemp(join(tmpdir(), 'air-scratch-'));
  const data = join(folder, 'data');
  await mkdir(data);
  if (options.plugins) await linkPlugins(data, options.plugins);
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    NO_COLOR: '1',
    AIR_DATA_DIR: data,
    AIR_CONFIG_DIR: join(folder, 'config'),
    AIR_CACHE_DIR: join(folder, 'cache'),
    ...options.env,
  };
  return {
    folder,
    run: (...argv) => inTurn(() => runOnce(argv, env)),
    async close() {
      await inTurn(() => runOnce(['local', 'stop'], env));
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function linkPlugins(data: string, folders: readonly string[]): Promise<void> {
  const plugins = await Promise.all(
    folders.map(async (folder) => {
      const root = resolve(folder);
      const { name } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { name: string };
      return { name, root, type: 'link' };
    }),
  );
  await writeFile(join(data, 'package.json'), JSON.stringify({ oclif: { schema: 1, plugins } }));
}

async function runOnce(argv: string[], env: NodeJS.ProcessEnv): Promise<CommandResult> {
  const { exitCode, stdout, stderr } = await captured(env, () => execute(argv, packageRoot));
  return {
    exitCode,
    stdout,
    stderr,
    envelope: <Data>() => {
      const text = stdout.trim();
      const json = text.startsWith('{\n') ? text : text.slice(text.lastIndexOf('\n') + 1);
      return JSON.parse(json) as Envelope<Data>;
    },
  };
}

let last: Promise<unknown> = Promise.resolve();

/** Streams and environment belong to the whole process, so one command line has them at a time. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const mine = last.then(work);
  last = mine.catch(() => undefined);
  return mine;
}
