import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../../folder.js';
import { packageRoot } from '../../package-root.js';
import type { Layout } from './layout.js';
import { baseEnvironment, installerEnvironment } from './server-state.js';

const serverProgram = join(packageRoot, 'dist/lib/local/server/main.js');
const longestLog = 1024 * 1024;

/**
 * Starts a server process of its own session for this data directory. Several may be started at once: one
 * of them takes the lock, the others end with code 0. It holds none of the caller's streams.
 */
export function startServerProcess(
  dataDirectory: string,
  layout: Layout,
  env: NodeJS.ProcessEnv,
): ChildProcess {
  makeFolder(layout.root, 0o700);
  trimLog(layout.serverLog);
  const log = openSync(layout.serverLog, 'a', 0o600);
  try {
    const child = spawn(process.execPath, [serverProgram, dataDirectory], {
      detached: true,
      stdio: ['ignore', log, log],
      cwd: layout.root,
      env: { ...installerEnvironment(env), ...baseEnvironment(env), ...pick(env, 'AIR_LOCAL_CPU_RUNS') },
    });
    child.unref();
    return child;
  } finally {
    closeSync(log);
  }
}

function pick(env: NodeJS.ProcessEnv, name: string): Record<string, string> {
  const value = env[name];
  return value === undefined ? {} : { [name]: value };
}

function trimLog(file: string): void {
  try {
    if (statSync(file).size > longestLog) truncateSync(file);
  } catch {
    // There is none yet.
  }
}
