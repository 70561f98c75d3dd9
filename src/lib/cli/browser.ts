import { spawn } from 'node:child_process';

/** Milliseconds in which an opener that has nothing to open with gives up. */
const patience = 1500;

/** Opens an address with `$BROWSER`, else with the system's opener. False when there is none that does it. */
export async function openInBrowser(url: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const chosen = env['BROWSER']?.split(':')[0]?.trim();
  const opener = chosen || (process.platform === 'darwin' ? 'open' : 'xdg-open');
  return new Promise((resolve) => {
    const child = spawn(opener, [url], { env, stdio: 'ignore', detached: true });
    // One that is still there is the browser itself.
    const timer = setTimeout(() => resolve(true), patience);
    const settle = (isOpen: boolean): void => {
      clearTimeout(timer);
      resolve(isOpen);
    };
    child.on('error', () => settle(false));
    child.on('exit', (code) => settle(code === 0));
    child.unref();
  });
}
