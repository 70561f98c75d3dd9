import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { scratchAir } from '@air-cli/air/plugin/testing';

let air;
let file;
let record;

before(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'air-plugin-policy-'));
  file = join(folder, 'train.yaml');
  record = join(folder, 'record.jsonl');
  air = await scratchAir({
    plugins: [fileURLToPath(new URL('..', import.meta.url))],
    env: { POLICY_RECORD: record },
  });
});
after(async () => {
  await air.close();
  await rm(dirname(file), { recursive: true });
});

function workload({ name = 'vision-digits', gpus = 1 } = {}) {
  const lines = [
    `experiment_name: ${name}`,
    `compute: { accelerator_type: GPU_1xH100, num_accelerators: ${gpus} }`,
    'command: echo trained',
  ];
  return writeFile(file, `${lines.join('\n')}\n`);
}

test('policy show prints the rules as text and as JSON', async () => {
  const text = await air.run('policy', 'show');
  assert.equal(text.exitCode, 0);
  assert.match(text.stdout, /At most 64 GPUs/);
  const json = await air.run('policy', 'show', '--output', 'json');
  assert.equal(json.envelope().data.most_nodes.GPU_8xH100, 8);
});

test('retries are set where the file does not say', async () => {
  await workload();
  const result = await air.run('run', '--file', file, '--dry-run', '--output', 'json');
  const { data } = result.envelope();
  assert.equal(data.plan.max_retries, 1);
  assert.match(result.stderr, /Override by air-plugin-policy: max_retries set to 1/);
  assert.deepEqual(data.notes, [
    { plugin: 'air-plugin-policy', message: '1 of 64 GPUs allowed for one run' },
  ]);
});

test('a name without a team is a problem of the file, at its place', async () => {
  await workload({ name: 'Digits' });
  const { exitCode, envelope } = await air.run('run', '--file', file, '--dry-run', '--output', 'json');
  assert.equal(exitCode, 2);
  const [detail] = envelope().error.details;
  assert.equal(detail.source, 'plugin');
  assert.equal(detail.path, 'experiment_name');
  assert.equal(detail.line, 1);
});

test('a run that is too large is refused', async () => {
  await workload({ gpus: 65 });
  const { exitCode, stderr } = await air.run('run', '--file', file, '--local');
  assert.equal(exitCode, 4);
  assert.match(stderr, /air-plugin-policy refuses this run: it asks for 65 GPUs/);
});

test('a run is written down when it is submitted and when it ends', async () => {
  await workload();
  const { exitCode, stdout, stderr } = await air.run('run', '--file', file, '--local', '--watch');
  assert.equal(exitCode, 0, stderr);
  assert.match(stdout, /trained/);
  const entries = (await readFile(record, 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    entries.map(({ event, status }) => [event, status]),
    [
      ['submitted', undefined],
      ['finished', 'SUCCESS'],
    ],
  );
});
