/**
 * The local workspace under load, as its users meet it. Each figure stands beside the floor it is measured
 * against on the same machine: an empty Node process for starts, its idle memory for memory.
 * Usage: npm run build && node --import tsx bench/local.ts [--log-gb 5] [PART...]
 * Parts, all unless told: start, latency, flood, log, queue, metrics.
 */
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { LogPage, LogRecord } from '../src/lib/workspace/contract/index.js';
import { packageRoot } from '../test/support/cli.js';
import {
  emptyLocalWorkspace,
  startLocalWorkspace,
  type ScratchWorkspace,
} from '../test/support/local-workspace.js';

const rounds = 5;
const { values: options, positionals: wanted } = parseArgs({
  options: { 'log-gb': { type: 'string', default: '0.25' } },
  allowPositionals: true,
});
const logGigabytes = Number(options['log-gb']);

function print(name: string, text: string): void {
  process.stdout.write(`${name.padEnd(44)} ${text}\n`);
}

function median(values: number[]): number {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

function percentile(values: number[], share: number): number {
  return values.sort((a, b) => a - b)[Math.floor((values.length - 1) * share)] ?? 0;
}

/** Resident memory of the server in MB; its highest so far with `peak`. */
function memory(lw: ScratchWorkspace, peak = false): number {
  const status = readFileSync(`/proc/${lw.serverPid ?? 'self'}/status`, 'utf8');
  return Number(new RegExp(`${peak ? 'VmHWM' : 'VmRSS'}:\\s+(\\d+)`).exec(status)?.[1]) / 1024;
}

/** Milliseconds until a program's standard output says the word; the program runs on to its end. */
async function untilWord(lw: ScratchWorkspace, args: string[], word: string): Promise<number> {
  const begin = performance.now();
  const child = spawn(process.execPath, args, {
    cwd: packageRoot,
    env: lw.env,
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let seen = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    if (seen === 0 && chunk.includes(word)) seen = performance.now() - begin;
  });
  await new Promise((resolve) => child.once('close', resolve));
  return seen;
}

async function firstLine(): Promise<void> {
  const [cold, warm, empty]: number[][] = [[], [], []];
  for (let round = 0; round < rounds; round++) {
    const lw = emptyLocalWorkspace();
    const file = join(lw.folder, 'train.yaml');
    writeFileSync(
      file,
      'experiment_name: first\ncompute: {accelerator_type: GPU_1xA10, num_accelerators: 1}\ncommand: echo first-line\n',
    );
    const run = ['bin/run.js', 'run', '-f', file, '--local', '--watch'];
    cold?.push(await untilWord(lw, run, 'first-line'));
    warm?.push(await untilWord(lw, run, 'first-line'));
    empty?.push(await untilWord(lw, ['-e', 'console.log("first-line")'], 'first-line'));
    await lw.close();
  }
  const floor = median(empty ?? []);
  for (const [name, values, promise] of [
    ['cold', cold, 2000],
    ['warm', warm, 700],
  ] as const) {
    const time = median(values ?? []);
    print(
      `Enter to first log line, ${name}`,
      `${time.toFixed(0)} ms of ${promise} promised; ${(time / floor).toFixed(1)} x node -e (${floor.toFixed(0)} ms)`,
    );
  }
}

/** Reads a run's log as `air logs` follows it; hands each record over with the moment it came. */
async function follow(
  lw: ScratchWorkspace,
  runId: string,
  each: (record: LogRecord, now: number) => void,
): Promise<void> {
  let token = '';
  for (;;) {
    const path = `/api/2.0/ai-training/workflows/by-run-id/${runId}/logs?page_size=10000&page_token=${token}`;
    const { body } = await lw.request<LogPage>('GET', path);
    const now = Date.now();
    for (const record of body.log_records ?? []) each(record, now);
    if (body.next_page_token) token = body.next_page_token;
    else if ((await lw.run(runId)).end_time) return;
  }
}

async function latency(lw: ScratchWorkspace): Promise<void> {
  const program =
    'let n=0; const t=setInterval(()=>{console.log(Date.now()); if(++n==200) clearInterval(t)},25)';
  const runId = await lw.submit({ command: `exec ${process.execPath} -e '${program}'` });
  const waits: number[] = [];
  await follow(lw, runId, ({ body }, now) => waits.push(now - Number(body)));
  print(
    'A line to a following client',
    `p50 ${percentile(waits, 0.5)} ms, p95 ${percentile(waits, 0.95)} ms of 150 promised`,
  );
}

async function flood(lw: ScratchWorkspace): Promise<void> {
  // Each node writes its share of 50,000 lines a second in ten bursts, for eight seconds.
  const [nodes, bursts] = [16, 80];
  const burst = Math.ceil(50_000 / nodes / 10);
  const program =
    `let n=0; const t=setInterval(()=>{let s=""; for(let i=0;i<${burst};i++) s+=(n*${burst}+i)+" is a line of a training that says a lot\\n";` +
    `process.stdout.write(s); if(++n==${bursts}) clearInterval(t)},100)`;
  const idle = memory(lw);
  const runId = await lw.submit({ command: `exec ${process.execPath} -e '${program}'`, nodes });
  const begin = Date.now();
  const counts = new Array<number>(nodes).fill(0);
  let last = begin;
  let oldest = 0;
  await follow(lw, runId, ({ body, node_index: node = 0, time_unix_nano: time = '0' }, now) => {
    const expected = counts[node] ?? 0;
    if (Number.parseInt(body ?? '', 10) !== expected)
      throw new Error(`node ${node}: ${body} is not line ${expected}`);
    counts[node] = expected + 1;
    last = now;
    oldest = Math.max(oldest, now - Number(BigInt(time) / 1_000_000n));
  });
  const lines = counts.reduce((sum, count) => sum + count, 0);
  print(
    '16 nodes at 50,000 lines/s',
    `${lines} lines read of ${nodes * bursts * burst} written, ${(lines / ((last - begin) / 1000)).toFixed(0)}/s, none older than ${oldest} ms`,
  );
  print('  server memory', `${memory(lw, true).toFixed(0)} MB at most, ${idle.toFixed(0)} MB before`);
}

/** A log of some size as a run writes it, asked for its end while it grows, then for its parts. */
async function largeLog(lw: ScratchWorkspace): Promise<void> {
  const tail = 'ascending=false&page_size=100';
  const times: number[] = [];
  for (const size of [1e6, logGigabytes * 1e9]) {
    const name = `${size >= 1e9 ? `${size / 1e9} GB` : `${(size / 1e6).toFixed(0)} MB`} of log`;
    const idle = memory(lw);
    const begin = performance.now();
    const runId = await lw.submit({ command: `yes ${'x'.repeat(127)} | head -c ${size}` });
    const during: number[] = [];
    while (!(await lw.run(runId)).end_time) {
      during.push(await logRequest(lw, runId, tail));
      await delay(100);
    }
    const seconds = (performance.now() - begin) / 1000;
    print(
      `${name}, written by a run`,
      `${(size / 1e6 / seconds).toFixed(0)} MB/s; its last 100 lines meanwhile p95 ${percentile(during, 0.95).toFixed(0)} ms`,
    );
    const middle = Math.floor((((await lw.run(runId)).start_time ?? 0) + seconds * 500) / 1000);
    const reads = {
      'last 100 lines': tail,
      'first page': 'page_size=1000',
      'from the middle': `page_size=1000&from=${middle}`,
    };
    for (const [what, query] of Object.entries(reads)) {
      const waits: number[] = [];
      for (let round = 0; round < 20; round++) waits.push(await logRequest(lw, runId, query));
      if (query === tail) times.push(median(waits));
      print(`  ${what}`, `${median(waits).toFixed(1)} ms`);
    }
    print('  server memory', `${memory(lw, true).toFixed(0)} MB at most, ${idle.toFixed(0)} MB before`);
  }
  print('  last lines, large to small', `${((times[1] ?? 0) / (times[0] ?? 1)).toFixed(2)} x`);
}

async function logRequest(lw: ScratchWorkspace, runId: string, query: string): Promise<number> {
  const begin = performance.now();
  await lw.request('GET', `/api/2.0/ai-training/workflows/by-run-id/${runId}/logs?${query}`);
  return performance.now() - begin;
}

async function queue(lw: ScratchWorkspace): Promise<void> {
  const count = 200;
  const begin = performance.now();
  const runs = await Promise.all(Array.from({ length: count }, () => lw.submit({ command: 'true' })));
  const submitted = performance.now() - begin;
  for (const runId of runs) await lw.untilOver(runId);
  const whole = performance.now() - begin;
  print(
    '200 runs at once',
    `accepted in ${submitted.toFixed(0)} ms, all ended after ${(whole / 1000).toFixed(1)} s; ${memory(lw, true).toFixed(0)} MB at most`,
  );
}

async function metrics(lw: ScratchWorkspace): Promise<void> {
  const experiment = await lw.request<{ experiment_id: string }>(
    'POST',
    '/api/2.0/mlflow/experiments/create',
    { name: '/bench' },
  );
  const run = await lw.request<{ run: { info: { run_id: string } } }>('POST', '/api/2.0/mlflow/runs/create', {
    experiment_id: experiment.body.experiment_id,
  });
  const { run_id } = run.body.run.info;
  const [batches, size] = [1000, 1000];
  const begin = performance.now();
  for (let batch = 0; batch < batches; batch++) {
    const points = Array.from({ length: size }, (_, i) => ({
      key: `m${i % 10}`,
      value: i,
      timestamp: batch,
      step: batch * 100 + Math.floor(i / 10),
    }));
    const { status } = await lw.request('POST', '/api/2.0/mlflow/runs/log-batch', {
      run_id,
      metrics: points,
    });
    if (status !== 200) throw new Error(`A batch was refused with ${status}.`);
  }
  const seconds = (performance.now() - begin) / 1000;
  print(
    '1,000,000 metric points',
    `${((batches * size) / seconds).toFixed(0)} a second; server memory ${memory(lw, true).toFixed(0)} MB at most`,
  );
  const read = performance.now();
  await lw.request(
    'GET',
    `/api/2.0/mlflow/metrics/get-history?run_id=${run_id}&metric_key=m1&max_results=25000`,
  );
  print('  25,000 of them read', `${(performance.now() - read).toFixed(0)} ms`);
}

print('Node', `${process.version}; load ${readFileSync('/proc/loadavg', 'utf8').split(' ')[0] ?? ''}`);
const parts = { latency, flood, log: largeLog, queue, metrics };
if (wanted.length === 0 || wanted.includes('start')) await firstLine();
for (const [name, part] of Object.entries(parts)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const lw = await startLocalWorkspace();
  try {
    await part(lw);
  } finally {
    await lw.close();
  }
}
