// How long the whole check of a workload file takes, reading it included, beside js-yaml alone parsing the same text.
import { load as loadYaml } from 'js-yaml';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkConfig } from '../src/lib/config/load.js';

/** What the check may take at most, as a multiple of js-yaml's time. */
const most = 2;

const head = `experiment_name: demo
compute: {num_accelerators: 8, accelerator_type: GPU_8xH100}
command: echo hi
parameters:
`;
const keyLine = (n: number) => `  key_${n}: {value: ${n}.5, name: run ${n}}\n`;
const cases: Record<string, string> = {
  '10,000 keys': head + Array.from({ length: 10_000 }, (_, n) => keyLine(n)).join(''),
  '1 MiB of maps': filled(head, keyLine),
  '1 MiB of numbers': filled(head, (n) => `  key_${n}: ${n * 7}\n`),
  '1 MiB of lists': filled(`${head}  rows:\n`, (n) => `    - [${n}.25, "run ${n}", true]\n`),
  '1 MiB of text': filled(`${head}  text: |\n`, () => `    ${'x'.repeat(91)}\n`),
};

/** As many lines as the largest file that the workspace takes can hold. */
function filled(start: string, line: (n: number) => string): string {
  const lines = [start];
  let length = start.length;
  for (let n = 0; length + line(n).length <= 1024 * 1024; n++) {
    lines.push(line(n));
    length += line(n).length;
  }
  return lines.join('');
}

/** Milliseconds of each of two jobs, taken in turns: medians. */
async function inTurns(rounds: number, ...jobs: (() => unknown)[]): Promise<number[]> {
  const times = jobs.map((): number[] => []);
  for (let round = -3; round < rounds; round++) {
    for (const [index, job] of jobs.entries()) {
      const start = performance.now();
      await job();
      if (round >= 0) times[index]?.push(performance.now() - start);
    }
  }
  return times.map((each) => each.sort((a, b) => a - b)[Math.floor(each.length / 2)] ?? NaN);
}

const folder = mkdtempSync(join(tmpdir(), 'air-bench-'));
try {
  for (const [name, text] of Object.entries(cases)) {
    const file = join(folder, 'train.yaml');
    writeFileSync(file, text);
    const check = async () => {
      if (!(await checkConfig(file)).loaded) throw new Error(`${name} is not valid.`);
    };
    const [ours = NaN, alone = NaN] = await inTurns(15, check, () => loadYaml(text));
    const ratio = ours / alone;
    console.log(
      `${name.padEnd(16)} check ${ours.toFixed(1)} ms, js-yaml ${alone.toFixed(1)} ms, ratio ${ratio.toFixed(2)}`,
    );
    if (!(ratio < most)) process.exitCode = 1;
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
