import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { packageRoot, type CliResult } from './cli.js';

const program = fileURLToPath(new URL('silent-name-server.py', import.meta.url));
const namespaces = ['--map-root-user', '--net', '--mount'];

/** Whether a program can be given a name server of its own here, and asks it as glibc does. */
export function canSilenceNames(): boolean {
  const { header } = process.report.getReport() as { header: { glibcVersionRuntime?: string } };
  const probe = ['python3', '-c', 'import fcntl'];
  return (
    header.glibcVersionRuntime !== undefined && spawnSync('unshare', [...namespaces, ...probe]).status === 0
  );
}

/** Runs the built program where no name server answers; `asked` is how often it asked for an IPv4 address. */
export async function runWithoutNames(
  args: readonly string[],
  { folder, env }: { folder: string; env: NodeJS.ProcessEnv },
): Promise<CliResult & { asked: number }> {
  const [configuration, record] = [join(folder, 'resolv.conf'), join(folder, 'questions')];
  writeFileSync(configuration, 'nameserver 127.0.0.1\n');
  writeFileSync(record, '');
  const command = [process.execPath, `${packageRoot}/bin/run.js`, ...args];
  const child = spawn('unshare', [...namespaces, 'python3', program, configuration, record, ...command], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise<Pick<CliResult, 'code' | 'signal'>>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal }));
  });
  const [stdout, stderr, end] = await Promise.all([text(child.stdout), text(child.stderr), ended]);
  const asked = readFileSync(record, 'utf8')
    .split('\n')
    .filter((type) => type === '1').length;
  return { ...end, stdout, stderr, asked };
}
