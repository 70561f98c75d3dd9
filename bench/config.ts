// How long checking a configuration takes, beside js-yaml's own parsing of the same text.
import { load as loadYaml } from 'js-yaml';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checkConfig } from '../src/lib/config/load.js';

const head = `experiment_name: demo
compute: {num_accelerators: 8, accelerator_type: GPU_8xH100}
command: echo hi
parameters:
`;
const keys = (count: number) =>
  Array.from({ length: count }, (_, n) => `  key_${n}: {value: ${n}.5, name: run ${n}}\n`).join('');
const largest = 1024 * 1024;
const cases: Record<string, string> = {
  '10,000 keys': head + keys(10_000),
  '1 MiB of keys':
    head +
    keys(largest / 40)
      .slice(0, largest - head.length - 100)
      .replace(/\n[^\n]*$/, '\n'),
  '1 MiB of text': `${head}  text: |\n${`    ${'x'.repeat(91)}\n`.repeat(10_800)}`,
};

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
    const ratio = (ours / alone).toFixed(2);
    console.log(
      `${name.padEnd(14)} check ${ours.toFixed(1)} ms, js-yaml ${alone.toFixed(1)} ms, ratio ${ratio}`,
    );
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
}
