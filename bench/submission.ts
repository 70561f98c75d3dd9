/**
 * A submission against a workspace that answers every request in 100 ms: wall time over start-up (`--version`), in
 * round trips, beside the target of five without code and six with. Runs the built program; the same commands
 * against a workspace that answers at once tell what of the time is round trips and what is work.
 * Usage: npm run build && node --import tsx bench/submission.ts [ROUNDS]
 */
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { startLaunchWorkspace } from '../test/support/launch-workspace.js';

const program = fileURLToPath(new URL('../bin/run.js', import.meta.url));
const rounds = Number(process.argv[2] ?? 10);
const roundTrip = 100;
const codeFiles = 50;

const home = mkdtempSync(join(tmpdir(), 'air-bench-'));
const workspace = await startLaunchWorkspace();
const workload =
  'experiment_name: trips\ncompute: { accelerator_type: GPU_1xA10, num_accelerators: 1 }\ncommand: python train.py\n';

function writeCode(): void {
  const root = join(home, 'code');
  mkdirSync(root);
  for (let index = 0; index < codeFiles; index++)
    writeFileSync(join(root, `part${index}.py`), `x = ${index}\n`);
  const git = (...args: string[]) => execFileSync('git', ['-C', root, ...args], { stdio: 'ignore' });
  git('init', '-q');
  git('add', '-A');
  git('-c', 'user.name=b', '-c', 'user.email=b@example.com', 'commit', '-qm', 'code');
}

interface Subject {
  readonly args: string[];
  /** Round trips that it may take; null for what asks nobody. */
  readonly target: number | null;
  readonly before?: () => void;
}

let edits = 0;
const run = (file: string) => ['run', '--file', join(home, file)];
const subjects: Record<string, Subject> = {
  'air --version': { args: ['--version'], target: null },
  'without code': { args: run('plain.yaml'), target: 5 },
  'with code': {
    args: run('code.yaml'),
    target: 6,
    before: () => writeFileSync(join(home, 'code/edited.py'), `x = ${edits++}\n`),
  },
  'with unchanged code': { args: run('code.yaml'), target: 6 },
};

/** Milliseconds from the process's start to its end, and the requests it sent. */
async function time({ args, before }: Subject): Promise<{ wall: number; requests: number }> {
  before?.();
  workspace.log = [];
  const env = {
    PATH: process.env['PATH'],
    HOME: home,
    AIR_DATA_DIR: join(home, 'data'),
    AIR_CACHE_DIR: join(home, 'cache'),
    ...workspace.env,
  };
  const start = performance.now();
  await promisify(execFile)(process.execPath, [program, ...args], { env });
  return { wall: performance.now() - start, requests: workspace.log.length };
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? NaN;
}

try {
  writeFileSync(join(home, 'plain.yaml'), workload);
  writeFileSync(join(home, 'code.yaml'), `${workload}code_source: { root_path: ./code }\n`);
  writeCode();
  const slow = new Map<string, number[]>();
  const quick = new Map<string, number[]>();
  const requests = new Map<string, number>();
  for (let round = 0; round < rounds + 1; round++) {
    for (const [name, subject] of Object.entries(subjects)) {
      for (const [times, delay] of [
        [quick, 0],
        [slow, roundTrip],
      ] as const) {
        workspace.delay = delay;
        const measured = await time(subject);
        requests.set(name, measured.requests);
        // The first round warms the disk's cache.
        if (round > 0) times.set(name, [...(times.get(name) ?? []), measured.wall]);
      }
    }
  }
  const startUp = median(slow.get('air --version') ?? []);
  console.log(`median of ${rounds} interleaved runs; every answer takes ${roundTrip} ms`);
  console.log('                     requests   wall    over start-up   target   of it waiting');
  for (const [name, { target }] of Object.entries(subjects)) {
    const wall = median(slow.get(name) ?? []);
    const trips = (milliseconds: number) => (milliseconds / roundTrip).toFixed(2);
    const over = target === null ? '' : trips(wall - startUp);
    const waiting = target === null ? '' : trips(wall - median(quick.get(name) ?? []));
    console.log(
      `${name.padEnd(20)} ${String(requests.get(name)).padStart(8)} ${wall.toFixed(0).padStart(6)} ms` +
        `${over.padStart(14)} ${String(target ?? '').padStart(8)} ${waiting.padStart(14)}`,
    );
  }
} finally {
  await workspace.server.close();
  rmSync(home, { recursive: true, force: true });
}
