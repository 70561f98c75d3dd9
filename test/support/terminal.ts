import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { packageRoot } from './cli.js';

/** Whether there is the program that gives another one a terminal. */
export const hasTerminal =
  spawnSync('script', ['-q', '/dev/null', 'true'], { stdio: 'ignore' }).error === undefined;

/** Runs the built program on a terminal of its own, 80 columns wide; answers all that it showed there. */
export async function runOnTerminal(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  onShown: (text: string, child: ChildProcess) => void,
): Promise<string> {
  const words = [process.execPath, `${packageRoot}/bin/run.js`, ...args];
  const line = `stty columns 80; exec ${words.map((word) => `'${word}'`).join(' ')}`;
  const isLinux = process.platform === 'linux';
  const child = spawn(
    'script',
    isLinux ? ['-qfc', line, '/dev/null'] : ['-q', '/dev/null', 'sh', '-c', line],
    {
      env: { ...env, TERM: 'xterm' },
      stdio: ['pipe', 'pipe', 'ignore'],
    },
  );
  let shown = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    shown += text;
    onShown(shown, child);
  });
  await new Promise((resolve) => child.on('close', resolve));
  return shown;
}
