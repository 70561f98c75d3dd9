/**
 * Start-up beside an empty Node: `--version` and `run --dry-run` against `node -e 0`, in turn, as whole processes.
 * Usage: npm run bench:startup [-- ROUNDS]
 */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const rounds = Number(process.argv[2] ?? 15);

const commands: Record<string, string[]> = {
  'node -e 0': ['-e', '0'],
  'air --version': ['bin/run.js', '--version'],
  'air run --dry-run': ['bin/run.js', 'run', '--file', 'examples/hello/train.yaml', '--dry-run'],
};

/** Milliseconds from start to end of one process. */
function time(args: string[]): number {
  const start = process.hrtime.bigint();
  const { status, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${args.join(' ')} ended with ${status}: ${stderr}`);
  return Number(process.hrtime.bigint() - start) / 1e6;
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

const times = new Map<string, number[]>(Object.keys(commands).map((name) => [name, []]));
for (const args of Object.values(commands)) time(args);
for (let round = 0; round < rounds; round++) {
  for (const [name, args] of Object.entries(commands)) times.get(name)?.push(time(args));
}

const base = median(times.get('node -e 0') ?? []);
console.log(`median of ${rounds} interleaved runs`);
for (const [name, values] of times) {
  const value = median(values);
  console.log(
    `${name.padEnd(20)} ${value.toFixed(1).padStart(7)} ms   ${(value / base).toFixed(2)} x   +${(value - base).toFixed(1)} ms`,
  );
}
