/**
 * `air logs` against the local workspace, both as they are built: lines per second and memory for 1 and 16 nodes,
 * beside a bare reading of the same pages; the time from a line being written to its being printed; the tail of a
 * large log beside that of a small one.
 * Usage: npm run build && node --import tsx bench/logs.ts [LINES [MEGABYTES]]
 */
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { LogPage } from '../src/lib/workspace/contract/index.js';
import { packageRoot } from '../test/support/cli.js';
import { startLocalWorkspace } from '../test/support/local-workspace.js';
import { fillLog } from './log-file.js';

const lineCount = Number(process.argv[2] ?? 500_000);
const megabytes = Number(process.argv[3] ?? 5000);
const rounds = 15;
const throughputRounds = 5;
const workspace = await startLocalWorkspace();

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >>> 1] ?? NaN;
}

interface Measured {
  seconds: number;
  /** Processor time of the program, in seconds. */
  busy: number;
  /** The most memory it held, in megabytes. */
  peak: number;
  bytes: number;
}

/** Runs the built program to its end; what it prints is counted and handed on. */
async function air(args: string[], onData?: (chunk: Buffer) => void): Promise<Measured> {
  const start = performance.now();
  const child = spawn(process.execPath, [`${packageRoot}/bin/run.js`, ...args, '--local'], {
    env: workspace.env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let [bytes, peak, busy] = [0, 0, 0];
  const sample = () => {
    try {
      const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
      peak = Math.max(peak, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1000);
      const times = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      busy = Math.max(busy, (Number(times[11]) + Number(times[12])) / 100);
    } catch {
      // It has just ended.
    }
  };
  const timer = setInterval(sample, 20);
  child.stdout.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    onData?.(chunk);
  });
  await new Promise((resolve) => child.on('close', resolve));
  clearInterval(timer);
  return { seconds: (performance.now() - start) / 1000, busy, peak, bytes };
}

/** The same pages, read and thrown away. */
async function bareReading(runId: string): Promise<number> {
  const start = performance.now();
  let token = '';
  do {
    const query = `ascending=true&page_size=8000&page_token=${token}`;
    const path = `/api/2.0/ai-training/workflows/by-run-id/${runId}/logs?${query}`;
    token = (await workspace.request<LogPage>('GET', path)).body.next_page_token ?? '';
  } while (token !== '');
  return (performance.now() - start) / 1000;
}

function printer(lines: number): string {
  const script = `let i=0;(function go(){let s="";for(let n=0;n<1000&&i<${lines};n++)s+="step "+(i++)+" loss=0.123456 ${'x'.repeat(70)}\\n";
    if(s==="")return;process.stdout.write(s,go)})()`;
  return `exec ${process.execPath} -e '${script}'`;
}

async function throughput(nodes: number): Promise<void> {
  const run = await workspace.submit({ command: printer(Math.floor(lineCount / nodes)), nodes });
  await workspace.untilOver(run);
  const measured: Measured[] = [];
  const bare: number[] = [];
  for (let round = 0; round < throughputRounds; round++) {
    measured.push(await air(['logs', run, '--since', '1d']));
    bare.push(await bareReading(run));
  }
  const [bytes = NaN] = measured.map((each) => each.bytes / lineCount);
  const seconds = median(measured.map((each) => each.seconds));
  const fastest = Math.min(...measured.map((each) => each.seconds));
  const rate = (time: number) => `${Math.round(lineCount / time).toLocaleString('en')} lines/s`;
  console.log(
    `${nodes} node(s), ${lineCount.toLocaleString('en')} lines of ${Math.round(bytes)} bytes, ${throughputRounds} rounds`,
  );
  console.log(`  air logs      median ${rate(seconds)}, best ${rate(fastest)}`);
  console.log(`  by its own processor time, median ${rate(median(measured.map((each) => each.busy)))}`);
  console.log(
    `  bare reading  median ${rate(median(bare))}; air takes ${(seconds / median(bare)).toFixed(2)}x of it`,
  );
  console.log(`  memory        ${Math.max(...measured.map((each) => each.peak)).toFixed(0)} MB at most`);
}

async function latency(): Promise<void> {
  const every = 25;
  const script = `let n=0;const t=setInterval(()=>{console.log(Date.now());if(++n===400)clearInterval(t)},${every})`;
  const run = await workspace.submit({ command: `exec ${process.execPath} -e '${script}'` });
  const delays: number[] = [];
  await air(['logs', run], (chunk) => {
    const now = Date.now();
    for (const line of chunk.toString().split('\n'))
      if (/^\d{13}$/.test(line)) delays.push(now - Number(line));
  });
  // The lines that were there before the program looked are not its fault.
  const measured = delays.slice(Math.floor(delays.length / 4)).sort((a, b) => a - b);
  const at = (share: number) => measured[Math.floor(measured.length * share)] ?? NaN;
  console.log(
    `written to printed, ${measured.length} lines: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, most ${at(0.999)} ms`,
  );
}

async function tail(): Promise<void> {
  const runs = await Promise.all(
    [1, megabytes].map(async (size) => {
      const run = await workspace.submit({ command: 'true' });
      await workspace.untilOver(run);
      fillLog(`${workspace.layout.attempt(run, 0)}/node_0.log`, size * 1e6);
      return run;
    }),
  );
  const times: number[][] = [[], []];
  for (let round = 0; round < rounds; round++) {
    for (const [index, run] of runs.entries()) {
      const { seconds } = await air(['logs', run, '--tail', '100', '--no-follow']);
      times[index]?.push(seconds);
    }
  }
  const [small = NaN, large = NaN] = times.map(median);
  console.log(
    `last 100 lines of 1 MB ${small.toFixed(2)} s, of ${megabytes} MB ${large.toFixed(2)} s: ${(large / small).toFixed(2)}x`,
  );
}

try {
  await throughput(1);
  await throughput(16);
  await latency();
  await tail();
} finally {
  await workspace.close();
}
