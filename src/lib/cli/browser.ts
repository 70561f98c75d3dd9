import { spawn } from 'node:child_process';

/** Opens an address with `$BROWSER`, else with the system's opener. False when there is none that starts. */
export async function openInBrowser(url: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const chosen = env['BROWSER']?.split(':')[0]?.trim();
  const opener = chosen || (process.platform === 'darwin' ? 'open' : 'xdg-open');
  return new Promise((resolve) => {
    const child = spawn(opener, [url], { env, stdio: 'ignore', detached: true });
    child.on('error', () => resolve(false));
    child.on('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}
