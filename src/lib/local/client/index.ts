import { dataDirectoryError } from '../../data-directory.js';
import type { Context } from '../../io.js';
import { isSameProcess, processIdOf } from '../../process-identity.js';
import { Layout } from '../state/layout.js';
import { readServerState, runningServer } from '../state/server-state.js';
import { startServerProcess } from '../state/start.js';
import { hangingFailure, startFailure } from './failures.js';

export interface LocalOptions {
  /** oclif's data directory: the workspace's state lives below it. */
  dataDirectory: string;
  version: string;
  env: NodeJS.ProcessEnv;
  context: Context;
}

/** Where the local workspace answers, and the token it wants. */
export interface LocalAddress {
  host: string;
  token: string;
}

/** A running local workspace, as far as its state file tells. */
export interface RunningWorkspace extends LocalAddress {
  pid: number;
  version: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
  folder: string;
  /** The variables of the shell that started it: workloads get these and no others. */
  environment: Record<string, string>;
  /** GPUs of this machine that its runs can have. */
  gpus: number;
}

const startMilliseconds = 20_000;
const stopMilliseconds = 10_000;
const lookMilliseconds = 10;

/** The running local workspace; undefined when there is none. Never starts one, asks nothing of it. */
export function findLocalWorkspace(dataDirectory: string): RunningWorkspace | undefined {
  const layout = new Layout(dataDirectory);
  const state = withDataDirectory(dataDirectory, () => runningServer(layout));
  if (!state) return undefined;
  return {
    host: `http://127.0.0.1:${state.port}`,
    token: state.token,
    pid: processIdOf(state.process),
    version: state.version,
    startedAt: state.startedAt,
    folder: layout.root,
    environment: state.environment,
    gpus: state.gpus,
  };
}

/**
 * The running local workspace, started first if there is none. One that another version of air started is
 * replaced: its runs go on, and the new one takes them over.
 */
export async function ensureLocalWorkspace(options: LocalOptions): Promise<RunningWorkspace> {
  const running = findLocalWorkspace(options.dataDirectory);
  if (running?.version === options.version) return running;
  if (running) await stopLocalWorkspace(options.dataDirectory, options.context);
  return startLocalWorkspace(options);
}

/** Ends the server; its runs, if any, go on. False when it was not running. */
export async function stopLocalWorkspace(dataDirectory: string, context: Context): Promise<boolean> {
  const state = runningServer(new Layout(dataDirectory));
  if (!state) return false;
  process.kill(processIdOf(state.process), 'SIGTERM');
  const deadline = context.clock.now() + stopMilliseconds;
  while (isSameProcess(state.process)) {
    if (context.clock.now() > deadline) {
      throw hangingFailure(processIdOf(state.process), 'stop');
    }
    await context.clock.sleep(lookMilliseconds, context.signal);
  }
  return true;
}

async function startLocalWorkspace({ dataDirectory, env, context }: LocalOptions): Promise<RunningWorkspace> {
  const layout = new Layout(dataDirectory);
  const portBefore = readServerState(layout)?.port;
  const child = withDataDirectory(dataDirectory, () => startServerProcess(dataDirectory, layout, env));
  let failed = false;
  child.once('exit', (code) => {
    // Code 0: another server, started at the same time, has the lock.
    failed = code !== 0;
  });
  child.once('error', () => {
    failed = true;
  });
  const deadline = context.clock.now() + startMilliseconds;
  for (;;) {
    const running = findLocalWorkspace(dataDirectory);
    if (running) {
      if (portBefore !== undefined && running.host !== `http://127.0.0.1:${portBefore}`) {
        context.io.stderr.write(
          `Port ${portBefore} is taken by another program: the local workspace is now at ${running.host}.\n`,
        );
      }
      return running;
    }
    if (failed || context.clock.now() > deadline) throw startFailure(layout, failed);
    await context.clock.sleep(lookMilliseconds, context.signal);
  }
}

/** Does something with the files of the data directory, and says of the directory what is wrong with it. */
function withDataDirectory<T>(dataDirectory: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw dataDirectoryError(dataDirectory, error);
  }
}
