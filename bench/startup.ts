/**
 * Start-up beside an empty Node: `--version`, without and with the example plugin linked, and `run --dry-run`, with and
 * without what Node compiled before, against `node -e 0`, in turn, as whole processes.
 * Usage: npm run bench [-- ROUNDS]
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const rounds = Number(process.argv[2] ?? 15);

const home = mkdtempSync(join(tmpdir(), 'air-bench-'));
const [bare, linked] = [join(home, 'bare'), join(home, 'linked')];
for (const folder of [bare, linked]) mkdirSync(folder);
const plugin = { name: 'air-plugin-policy', root: join(root, 'examples/plugin-policy'), type: 'link' };
writeFileSync(join(linked, 'package.json'), JSON.stringify({ oclif: { schema: 1, plugins: [plugin] } }));

interface Command {
  readonly args: string[];
  readonly data?: string;
  readonly env?: NodeJS.ProcessEnv;
}

const dryRun = ['bin/run.js', 'run', '--file', 'examples/hello/train.yaml', '--dry-run'];
const commands: Record<string, Command> = {
  'node -e 0': { args: ['-e', '0'] },
  'air --version': { args: ['bin/run.js', '--version'] },
  '  with a plugin': { args: ['bin/run.js', '--version'], data: linked },
  'air run --dry-run': { args: dryRun },
  '  nothing compiled': { args: dryRun, env: { NODE_DISABLE_COMPILE_CACHE: '1' } },
};

/** Milliseconds from start to end of one process. */
function time({ args, data = bare, env: settings }: Command): number {
  const env = { PATH: process.env['PATH'], HOME: home, AIR_DATA_DIR: data, ...settings };
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return Number(process.hrtime.bigint() - start) / 1e6;
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

const times = new Map<string, number[]>(Object.keys(commands).map((name) => [name, []]));
for (const command of Object.values(commands)) time(command);
for (let round = 0; round < rounds; round++) {
  for (const [name, command] of Object.entries(commands)) times.get(name)?.push(time(command));
}

const base = median(times.get('node -e 0') ?? []);
console.log(`median of ${rounds} interleaved runs`);
for (const [name, values] of times) {
  const value = median(values);
  console.log(
    `${name.padEnd(20)} ${value.toFixed(1).padStart(7)} ms   ${(value / base).toFixed(2)} x   +${(value - base).toFixed(1)} ms`,
  );
}
const without = times.get('air --version') ?? [];
const extra = (times.get('  with a plugin') ?? []).map((value, round) => value - (without[round] ?? NaN));
console.log(`a plugin costs ${median(extra).toFixed(1)} ms (median of the rounds' differences)`);
rmSync(home, { recursive: true });
