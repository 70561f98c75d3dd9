/**
 * Snapshots beside `git status`, `tar | gzip` and `git archive` on the same trees, in one run: many small files,
 * and a large tree of texts and binaries. Our side runs as the built program does: bundled, in a process of its
 * own for each submission. Needs about four times the large tree's size of free room in the temporary folder.
 * Usage: node --import tsx bench/snapshot.ts [FILES [MEGABYTES]]
 */
import { execFile, execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'rolldown';
import type { Submission } from './snapshot-submission.js';

const fileCount = Number(process.argv[2] ?? 50_000);
const megabytes = Number(process.argv[3] ?? 2000);
const rounds = 5;
const base = mkdtempSync(join(tmpdir(), 'air-bench-'));
const program = join(base, 'submission.mjs');
const run = promisify(execFile);

interface Measured {
  seconds: number;
  /** Processor time, user and system. */
  cpuSeconds: number;
  /** The largest sum of the resident memory of all its processes; looked at ten times a second. */
  peakBytes: number;
}

async function measured(command: string, cwd: string): Promise<Measured> {
  const start = performance.now();
  const work = run('bash', ['-o', 'pipefail', '-c', `${command}\ntimes`], { cwd });
  let peakBytes = 0;
  const watch = setInterval(() => {
    peakBytes = Math.max(peakBytes, childrenBytes(work.child.pid));
  }, 100);
  const { stdout } = await work.finally(() => clearInterval(watch));
  return { seconds: (performance.now() - start) / 1000, cpuSeconds: childrenSeconds(stdout), peakBytes };
}

/** What the shell's `times` says of its children. */
function childrenSeconds(times: string): number {
  const [user = NaN, system = NaN] = [...times.matchAll(/(\d+)m([\d.]+)s/g)]
    .slice(-2)
    .map(([, minutes, seconds]) => Number(minutes) * 60 + Number(seconds));
  return user + system;
}

/** The resident memory of a process's children. */
function childrenBytes(shell: number | undefined): number {
  const rows = execFileSync('ps', ['-A', '-o', 'ppid=,rss='], { encoding: 'utf8' }).split('\n');
  return rows
    .map((row) => row.trim().split(/\s+/).map(Number))
    .reduce((sum, [parent, kilobytes = 0]) => sum + (parent === shell ? kilobytes * 1024 : 0), 0);
}

async function submission(root: string, mode: 'pack' | 'plan'): Promise<Submission> {
  const { stdout } = await run(process.execPath, [program, root, join(base, 'cache'), mode]);
  return JSON.parse(stdout) as Submission;
}

/** Words of many lengths and frequencies, as a text has them. */
function textOf(bytes: number): Buffer {
  const words = Array.from({ length: 4000 }, () =>
    randomBytes(1 + Math.floor(Math.random() * 5)).toString('hex'),
  );
  const text: string[] = [];
  for (let length = 0; length < bytes;) {
    const word = words[Math.floor(words.length * Math.random() ** 3)] ?? '';
    const end = Math.random() < 0.1 ? '\n' : ' ';
    text.push(word, end);
    length += word.length + 1;
  }
  return Buffer.from(text.join('')).subarray(0, bytes);
}

const text = textOf(16_000_000);

function writeText(path: string, bytes: number): void {
  const start = Math.floor(Math.random() * (text.length - bytes));
  writeFileSync(path, text.subarray(start, start + bytes));
}

/** A source tree: files of 200 bytes to 10 kB, in five hundred folders. */
function manyFiles(root: string): void {
  for (let index = 0; index < fileCount; index++) {
    const folder = join(root, `part${index % 500}`);
    if (index < 500) mkdirSync(folder, { recursive: true });
    writeText(join(folder, `module${index}.py`), 200 + Math.floor(9800 * Math.random() ** 4));
  }
}

/** Three fifths are texts of 1 MB, the rest is four binaries that cannot be compressed. */
function largeTree(root: string): void {
  mkdirSync(join(root, 'texts'), { recursive: true });
  for (let index = 0; index < megabytes * 0.6; index++)
    writeText(join(root, `texts/${index}.jsonl`), 1_000_000);
  for (let index = 0; index < 4; index++) {
    writeFileSync(join(root, `weights${index}.bin`), randomBytes(megabytes * 100_000));
  }
}

function commit(root: string): void {
  // Maintenance in the background would run beside what is measured, and after it.
  const steady = ['gc.auto=0', 'maintenance.auto=false', 'user.name=b', 'user.email=b@example.com'];
  const git = (...args: string[]) => execFileSync('git', args, { cwd: root, stdio: 'ignore' });
  git('init', '-q');
  for (const setting of steady) git('config', ...setting.split('='));
  git('add', '-A');
  git('commit', '-qm', 'tree');
}

function least<Key extends string>(measurements: readonly Record<Key, number>[], key: Key): number {
  return Math.min(...measurements.map((each) => each[key]));
}

const inSeconds = (value: number) => `${value.toFixed(2)} s`;
const inMegabytes = (bytes: number) => `${(bytes / 1e6).toFixed(0)} MB`;

async function measure(title: string, root: string): Promise<void> {
  commit(root);
  // A file that changed a moment ago is read again next time: this tree has to be older than that.
  await new Promise((resolve) => setTimeout(resolve, 2000));
  await measured('git status', root);
  const target = join(base, 'other.tar.gz');
  const first = await submission(root, 'pack');
  // One after the other, several times: whatever else the machine does falls on both.
  const statuses: Measured[] = [];
  const unchanged: Submission[] = [];
  for (let round = 0; round < rounds; round++) {
    statuses.push(await measured('git status --porcelain', root));
    unchanged.push(await submission(root, 'plan'));
  }
  const status = { seconds: least(statuses, 'seconds'), cpuSeconds: least(statuses, 'cpuSeconds') };
  const second = {
    ...unchanged[0]!,
    planSeconds: least(unchanged, 'planSeconds'),
    planCpuSeconds: least(unchanged, 'planCpuSeconds'),
  };
  const tar = await measured(`tar -c --exclude .git . | gzip > ${target}`, root);
  const archive = await measured(`git archive --format=tar.gz -o ${target} HEAD`, root);
  rmSync(target);

  const beside = (value: number, other: number) => `${inSeconds(value)} (${(value / other).toFixed(2)}x)`;
  const { pack = { seconds: NaN, bytes: NaN } } = first;
  const lines: [string, string][] = [
    ['git status', `${inSeconds(status.seconds)}, ${inSeconds(status.cpuSeconds)} of CPU`],
    ['list and name, first', beside(first.planSeconds, status.seconds)],
    ['list and name, unchanged', beside(second.planSeconds, status.seconds)],
    ['  of CPU', beside(second.planCpuSeconds, status.cpuSeconds)],
    ['  contents read', `${second.contents.files} files, ${second.contents.bytes} bytes`],
    ['  read besides', `${inMegabytes(second.otherBytes)} (the cache and git's lists)`],
    [
      'tar | gzip',
      `${inSeconds(tar.seconds)}, ${inSeconds(tar.cpuSeconds)} of CPU, ${inMegabytes(tar.peakBytes)} of memory`,
    ],
    ['git archive', `${beside(archive.seconds, tar.seconds)}, ${inMegabytes(archive.peakBytes)} of memory`],
    ['pack', `${beside(pack.seconds, tar.seconds)}, to ${inMegabytes(pack.bytes)}`],
    ['list, name and pack', beside(first.planSeconds + pack.seconds, tar.seconds)],
    ['memory, first', `${inMegabytes(first.peakBytes)} at most`],
    ['memory, unchanged', `${inMegabytes(second.peakBytes)} at most`],
  ];
  console.log(`${title}: ${first.files} files, ${inMegabytes(first.bytes)}`);
  for (const [name, value] of lines) console.log(`  ${name.padEnd(26)}${value}`);
}

function remove(folder: string): void {
  rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
}

try {
  await build({
    input: join(import.meta.dirname, 'snapshot-submission.ts'),
    platform: 'node',
    output: { file: program, format: 'esm' },
  });
  const trees = { 'many files': manyFiles, 'large tree': largeTree };
  for (const [title, fill] of Object.entries(trees)) {
    const root = join(base, title.replace(' ', '-'));
    fill(root);
    await measure(title, root);
    remove(root);
  }
} finally {
  remove(base);
}
