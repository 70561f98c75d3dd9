import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { accessSync, constants, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf } from '../../errors.js';
import { takeLock } from '../state/lock.js';
import { installerEnvironment } from '../state/server-state.js';
import { stopFamily } from './family.js';
import type { SetupSurroundings } from './setup-surroundings.js';

type Made = { folder: string } | { failure: string };

/**
 * The virtual environment of a list of dependencies: made once, shared by every run with the same list. Two
 * attempts that need it at once wait for each other; one that was left half made is made again.
 */
export async function makeEnvironment(
  dependencies: readonly string[],
  environmentsFolder: string,
  env: Readonly<Record<string, string>>,
  surroundings: SetupSurroundings,
): Promise<Made> {
  const name = createHash('sha256').update(JSON.stringify(dependencies)).digest('hex').slice(0, 16);
  const folder = join(environmentsFolder, name);
  const complete = join(folder, 'complete');
  mkdirSync(environmentsFolder, { recursive: true, mode: 0o700 });
  let told = false;
  while (!existsSync(complete)) {
    if (surroundings.signal.aborted) return { failure: 'Stopped.' };
    const lock = takeLock(`${folder}.lock`);
    if (!lock) {
      if (!told) surroundings.log('Waiting for another run that installs the same dependencies.');
      told = true;
      await delay(200);
      continue;
    }
    try {
      if (existsSync(complete)) break;
      rmSync(folder, { recursive: true, force: true });
      const failure = await install(dependencies, folder, env, surroundings);
      if (failure !== undefined) return { failure };
      writeFileSync(complete, '');
    } finally {
      lock.release();
    }
  }
  return { folder };
}

/** Installs with uv where there is one, else with pip; answers why it failed, if it did. */
async function install(
  dependencies: readonly string[],
  folder: string,
  env: Readonly<Record<string, string>>,
  surroundings: SetupSurroundings,
): Promise<string | undefined> {
  const requirements = `${folder}.txt`;
  writeFileSync(requirements, `${dependencies.join('\n')}\n`, { mode: 0o600 });
  const python = join(folder, 'bin', 'python');
  const uv = onPath('uv', env['PATH']);
  const steps = uv
    ? [
        ['uv', 'venv', '--seed', folder],
        ['uv', 'pip', 'install', '--python', python, '-r', requirements],
      ]
    : [
        ['python3', '-m', 'venv', folder],
        [python, '-m', 'pip', 'install', '--disable-pip-version-check', '--no-input', '-r', requirements],
      ];
  const what = dependencies.length === 1 ? '1 dependency' : `${dependencies.length} dependencies`;
  surroundings.log(`Installing ${what} with ${uv ? 'uv' : 'pip'}.`);
  for (const [program = '', ...args] of steps) {
    const code = await runTool(program, args, env, surroundings);
    if (code !== 0) {
      return program === 'python3' && code === 127
        ? 'The dependencies cannot be installed: there is no python3 on the PATH of the local workspace.'
        : `The dependencies could not be installed: ${uv ? 'uv' : 'pip'} failed with status ${code}. Its output is in the run's log.`;
    }
  }
  return undefined;
}

/** Runs a tool with its output in the log; ends it, with what it started, when the setup is stopped. */
function runTool(
  program: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  { output, log, signal, marker }: SetupSurroundings,
): Promise<number> {
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      env: { ...installerEnvironment(process.env), ...env, ...marker },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const stop = () => {
      const [entry] = Object.entries(marker);
      if (child.pid !== undefined && entry) void stopFamily([child.pid], entry.join('='));
    };
    signal.addEventListener('abort', stop, { once: true });
    child.stdout.on('data', output);
    child.stderr.on('data', output);
    child.once('error', (error) => {
      log(messageOf(error));
      resolve(127);
    });
    child.once('close', (code) => {
      signal.removeEventListener('abort', stop);
      resolve(code ?? 1);
    });
  });
}

function onPath(program: string, path: string | undefined): boolean {
  return (path ?? '').split(':').some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return folder !== '';
    } catch {
      return false;
    }
  });
}
