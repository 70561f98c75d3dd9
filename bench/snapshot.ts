/**
 * Snapshots beside `git status`, `tar | gzip` and `git archive` on the same trees, in one run: many small files,
 * and few large ones. Needs about twice the large tree's size of free room in the temporary folder.
 * Usage: node --import tsx bench/snapshot.ts [FILES [MEGABYTES]]
 */
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock, systemIO } from '../src/lib/io.js';
import { packSnapshot, planSnapshot, type SnapshotPlan } from '../src/lib/launch/snapshot/index.js';

const fileCount = Number(process.argv[2] ?? 50_000);
const megabytes = Number(process.argv[3] ?? 2000);
const base = mkdtempSync(join(tmpdir(), 'air-bench-'));
const context = { io: systemIO, clock: systemClock, signal: new AbortController().signal };

async function seconds(work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** Bytes this process has read, where the system counts them. */
function bytesRead(): number {
  if (process.platform !== 'linux') return NaN;
  return Number(/rchar: (\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
}

function shell(command: string, cwd: string): void {
  execFileSync('bash', ['-o', 'pipefail', '-c', command], { cwd, stdio: 'ignore' });
}

function smallFiles(root: string): void {
  for (let index = 0; index < fileCount; index++) {
    const folder = join(root, `part${index % 500}`);
    if (index < 500) mkdirSync(folder, { recursive: true });
    const lines = Array.from(
      { length: 40 },
      (_, line) => `value_${index}_${line} = ${(index * 7919 + line) % 1009}`,
    );
    writeFileSync(join(folder, `module${index}.py`), lines.join('\n'));
  }
}

/** Half of it can be compressed, half cannot. */
function largeFiles(root: string): void {
  const size = 50;
  for (let index = 0; index * size < megabytes; index++) {
    mkdirSync(root, { recursive: true });
    const half = randomBytes(size * 500_000).toString('hex');
    writeFileSync(join(root, `weights${index}.bin`), half);
  }
}

async function measure(title: string, root: string): Promise<void> {
  shell('git init -q && git add -A && git -c user.name=b -c user.email=b@example.com commit -qm tree', root);
  shell('sleep 1.1; git status', root);
  const status = await seconds(() => shell('git status --porcelain', root));
  let plan: SnapshotPlan | undefined;
  const planning = async () => {
    plan = await planSnapshot(
      { root_path: root },
      { configDirectory: base, env: process.env, context, cacheDirectory: join(base, 'cache') },
    );
  };
  const first = await seconds(planning);
  const before = bytesRead();
  const second = await seconds(planning);
  const read = bytesRead() - before;
  if (plan === undefined) throw new Error('nothing was planned');
  const planned = plan;

  let archive = 0;
  let peak = 0;
  const watch = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 20);
  const packing = await seconds(async () => {
    const packed = await packSnapshot(planned, { signal: context.signal });
    archive = packed.bytes;
    await packed.dispose();
  });
  clearInterval(watch);
  const target = join(base, 'other.tar.gz');
  const tar = await seconds(() => shell(`tar -c --exclude .git . | gzip > ${target}`, root));
  const gitArchive = await seconds(() => shell(`git archive --format=tar.gz -o ${target} HEAD`, root));
  rmSync(target);

  const ratio = (value: number, beside: number) => `${value.toFixed(2)} s (${(value / beside).toFixed(2)}x)`;
  console.log(`${title}: ${planned.files} files, ${(planned.bytes / 1e6).toFixed(0)} MB`);
  console.log(`  git status                ${status.toFixed(2)} s`);
  console.log(`  list and name, first      ${ratio(first, status)}`);
  console.log(`  list and name, unchanged  ${ratio(second, status)}, ${(read / 1e6).toFixed(1)} MB read`);
  console.log(`  tar | gzip                ${tar.toFixed(2)} s`);
  console.log(`  git archive               ${ratio(gitArchive, tar)}`);
  console.log(`  pack                      ${ratio(packing, tar)}, to ${(archive / 1e6).toFixed(0)} MB`);
  console.log(`  name and pack             ${ratio(first + packing, tar)}`);
  console.log(`  memory while packing      ${(peak / 1e6).toFixed(0)} MB at most`);
}

try {
  smallFiles(join(base, 'small'));
  await measure('small files', join(base, 'small'));
  rmSync(join(base, 'small'), { recursive: true });
  largeFiles(join(base, 'large'));
  await measure('large files', join(base, 'large'));
} finally {
  rmSync(base, { recursive: true, force: true });
}
