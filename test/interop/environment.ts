import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';

/** Virtual environments are kept here between runs. */
const cache =
  process.env['AIR_INTEROP_CACHE'] ??
  join(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'), 'air', 'interop');
const installLimit = 10 * 60_000;

export type Environment = { python: string } | { missing: string };

/** The Python of a virtual environment with exactly these packages; made on first use. Says what is missing if it cannot be. */
export function environmentOf(packages: readonly string[]): Environment {
  const folder = join(cache, packages.join('_').replace(/[^\w.-]+/g, '-'));
  const python = join(folder, 'bin', 'python');
  if (existsSync(python) && imports(python)) return { python };
  if (!isOnPath('python3')) return { missing: 'there is no python3 on PATH' };
  mkdirSync(cache, { recursive: true });
  // Made aside and put in place whole, so that runs side by side never see half of one.
  const draft = `${folder}.${process.pid}`;
  try {
    const venv = spawnSync('python3', ['-m', 'venv', draft], { encoding: 'utf8' });
    if (venv.status !== 0)
      return { missing: `python3 -m venv failed: ${lastLine(venv.stdout + venv.stderr)}` };
    const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--retries', '1'];
    const install = spawnSync(join(draft, 'bin', 'python'), [...pip, ...packages], {
      encoding: 'utf8',
      timeout: installLimit,
    });
    if (install.status !== 0) {
      return {
        missing: `pip could not install ${packages.join(' ')}: ${lastLine(install.stderr) || 'it took too long'}`,
      };
    }
    rmSync(folder, { recursive: true, force: true });
    renameSync(draft, folder);
    return imports(python) ? { python } : { missing: `${packages.join(' ')} cannot be imported` };
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}

function imports(python: string): boolean {
  return spawnSync(python, ['-c', 'import mlflow, databricks.sdk']).status === 0;
}

function isOnPath(program: string): boolean {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return folders.some((folder) => existsSync(join(folder, program)));
}

function lastLine(text: string): string {
  return text.trim().split('\n').at(-1) ?? '';
}
