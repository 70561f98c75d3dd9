/**
 * What one `air run` does with the code: lists and names it, and packs it where it has not been uploaded yet.
 * Prints a {@link Submission}. bench/snapshot.ts runs it.
 * Usage: node snapshot-submission.mjs ROOT CACHE_FOLDER pack|plan
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { systemClock, systemIO } from '../src/lib/io.js';
import { packSnapshot, planSnapshot } from '../src/lib/launch/snapshot/index.js';

export interface Submission {
  files: number;
  bytes: number;
  planSeconds: number;
  /** Processor time of listing and naming, git's included; NaN where the system does not tell. */
  planCpuSeconds: number;
  /** Read of the tree's files while it was listed and named. */
  contents: { files: number; bytes: number };
  /** Everything else that was read meanwhile: the cache, git's lists; NaN where the system does not count. */
  otherBytes: number;
  pack?: { seconds: number; bytes: number };
  /** The most memory that was resident at any time; what the process was before it was this program not counted. */
  peakBytes: number;
}

const [root = '', cacheDirectory = '', mode] = process.argv.slice(2);
const context = { io: systemIO, clock: systemClock, signal: new AbortController().signal };
const contents = countContents();

/** Counts what is opened and read below the root from now on. */
function countContents(): { files: number; bytes: number } {
  const counted = { files: 0, bytes: 0 };
  const opened = new Set<number>();
  const { openSync, readSync, closeSync } = fs;
  fs.openSync = (path, ...rest) => {
    const file = openSync(path, ...rest);
    if (path.toString().startsWith(`${root}/`)) {
      opened.add(file);
      counted.files++;
    }
    return file;
  };
  fs.readSync = ((...args: Parameters<typeof readSync>) => {
    const read = readSync(...args);
    if (opened.has(args[0])) counted.bytes += read;
    return read;
  }) as typeof readSync;
  fs.closeSync = (file) => {
    opened.delete(file);
    closeSync(file);
  };
  syncBuiltinESMExports();
  return counted;
}

/** A field of a file of `/proc/self`; NaN where there is none. */
function processField(file: string, pattern: RegExp): number {
  if (process.platform !== 'linux') return NaN;
  return Number(pattern.exec(fs.readFileSync(`/proc/self/${file}`, 'utf8'))?.[1]);
}

/** Seconds of processor time of this process and of the children it has waited for. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  const childTicks = (field: number) => processField('stat', new RegExp(`\\) (?:\\S+ ){${field - 3}}(\\d+)`));
  return (user + system) / 1e6 + (childTicks(16) + childTicks(17)) / 100;
}

function bytesRead(): number {
  return processField('io', /rchar: (\d+)/);
}

const readBefore = bytesRead();
const cpuBefore = cpuSeconds();
const start = performance.now();
const plan = await planSnapshot(
  { root_path: root },
  { configDirectory: root, env: process.env, context, cacheDirectory },
);
const planned = performance.now();
const planCpuSeconds = cpuSeconds() - cpuBefore;
const planContents = { ...contents };
const otherBytes = bytesRead() - readBefore - planContents.bytes;
let pack: Submission['pack'];
if (mode === 'pack') {
  const archive = await packSnapshot(plan, { signal: context.signal });
  pack = { seconds: (performance.now() - planned) / 1000, bytes: archive.bytes };
  await archive.dispose();
}
const submission: Submission = {
  files: plan.files,
  bytes: plan.bytes,
  planSeconds: (planned - start) / 1000,
  planCpuSeconds,
  contents: planContents,
  otherBytes,
  ...(pack === undefined ? {} : { pack }),
  peakBytes: processField('status', /VmHWM:\s+(\d+)/) * 1024,
};
console.log(JSON.stringify(submission));
