import { spawn, type ChildProcess } from 'node:child_process';
import { buffer } from 'node:stream/consumers';
import { systemCode } from '../../errors.js';
import { shellWord } from '../../shell-word.js';
import { decodeRecords } from './names.js';
import { refusal } from './refusal.js';

/** The user's environment, handed in: PATH, HOME and XDG are git's, inherited `GIT_*` is not. */
export type Environment = Readonly<Record<string, string | undefined>>;

export interface GitOptions {
  env: Environment;
  signal: AbortSignal;
  /** Take paths as they are written, not as patterns. */
  literalPaths?: boolean;
  /** Do not look for a repository above this folder. */
  ceiling?: string;
  /** Another index than the repository's own. */
  indexFile?: string;
}

/** Git answered with a failure; `stderr` is its own explanation, in English. */
export class GitFailure extends Error {
  constructor(
    readonly exitCode: number | null,
    readonly stderr: string,
  ) {
    super(stderr.trim().split('\n').at(-1) ?? '');
    this.name = 'GitFailure';
  }
}

/** There is no git on this machine's PATH. */
export class GitMissing extends Error {
  constructor() {
    super('git is not installed');
    this.name = 'GitMissing';
  }
}

/**
 * What `git -C directory ...args` prints.
 * @throws GitFailure, GitMissing; CodeRefused when git refuses to read a repository of another owner.
 */
export async function git(directory: string, args: readonly string[], options: GitOptions): Promise<Buffer> {
  const child = startGit(directory, args, options);
  const [stdout] = await Promise.all([buffer(child.stdout), child.done]);
  return stdout;
}

/** As {@link git}, for one line of text. */
export async function gitLine(
  directory: string,
  args: readonly string[],
  options: GitOptions,
): Promise<string> {
  return (await git(directory, args, options)).toString('utf8').replace(/\n$/, '');
}

/** As {@link git}, for records that end with a NUL each; `nameOf` finds the file name in one. */
export async function gitNames(
  directory: string,
  args: readonly string[],
  options: GitOptions,
  nameOf?: (record: Buffer) => Buffer,
): Promise<string[]> {
  return decodeRecords(await git(directory, args, options), directory, nameOf);
}

/** Git, running: its output as a stream, and a promise that fails as {@link git} does. */
export function startGit(
  directory: string,
  args: readonly string[],
  options: GitOptions,
): { stdout: NodeJS.ReadableStream; done: Promise<void> } {
  options.signal.throwIfAborted();
  const child = spawn('git', ['-C', directory, ...args], {
    env: gitEnvironment(options),
    stdio: ['ignore', 'pipe', 'pipe'],
    signal: options.signal,
  });
  const done = finished(child, directory, options.signal);
  // The output may be awaited first; the failure is then still met.
  done.catch(() => undefined);
  return { stdout: child.stdout, done };
}

async function finished(
  child: ChildProcess & { stderr: NodeJS.ReadableStream },
  directory: string,
  signal: AbortSignal,
): Promise<void> {
  const exit = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
  try {
    const [stderr, code] = await Promise.all([buffer(child.stderr), exit]);
    if (code !== 0) throw failureOf(code, stderr.toString('utf8'), directory);
  } catch (error) {
    signal.throwIfAborted();
    throw systemCode(error) === 'ENOENT' ? new GitMissing() : error;
  }
}

function failureOf(code: number | null, stderr: string, directory: string): Error {
  if (!stderr.includes('detected dubious ownership')) return new GitFailure(code, stderr);
  const remedy = /^\s*(git config --global --add safe\.directory .+)$/m.exec(stderr)?.[1];
  const owner = 'its files belong to another user (usual in containers)';
  const trust = remedy ?? `git config --global --add safe.directory ${shellWord(directory)}`;
  return refusal(
    'root_path',
    `Git refuses to read the repository of ${directory}: ${owner}.`,
    `If you trust it:\n  ${trust}`,
  );
}

function gitEnvironment({ env, literalPaths, ceiling, indexFile }: GitOptions): NodeJS.ProcessEnv {
  const inherited = Object.entries(env).filter(([name]) => !name.startsWith('GIT_'));
  return {
    ...Object.fromEntries(inherited),
    LC_ALL: 'C',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    ...(literalPaths === true ? { GIT_LITERAL_PATHSPECS: '1' } : {}),
    ...(ceiling === undefined ? {} : { GIT_CEILING_DIRECTORIES: ceiling }),
    ...(indexFile === undefined ? {} : { GIT_INDEX_FILE: indexFile }),
  };
}
