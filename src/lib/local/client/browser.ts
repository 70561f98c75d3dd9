import { spawn } from 'node:child_process';

/**
 * Opens an address in the user's browser: `$BROWSER`, else what the system has for it. False when there is
 * no such program. The browser holds none of the caller's streams and outlives it.
 */
export function openBrowser(address: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const program = env['BROWSER'] || (process.platform === 'darwin' ? 'open' : 'xdg-open');
  return new Promise((resolve) => {
    const browser = spawn(program, [address], { detached: true, stdio: 'ignore', env });
    browser.once('error', () => resolve(false));
    browser.once('spawn', () => {
      browser.unref();
      resolve(true);
    });
  });
}
