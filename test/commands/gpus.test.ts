import { expect } from 'chai';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { envelopeOf, runCli } from '../support/cli.js';

describe('air gpus', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'air-gpus-'));
    const script = `#!/bin/sh
echo "0, NVIDIA A10, GPU-1, 23028, 22000, 5"
echo "1, NVIDIA A10, GPU-2, [N/A], [N/A], [N/A]"
echo "No devices were found"
`;
    await writeFile(join(folder, 'nvidia-smi'), script);
    await chmod(join(folder, 'nvidia-smi'), 0o755);
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const gpus = (...args: string[]) =>
    runCli(['gpus', ...args], { env: { HOME: folder, PATH: `${folder}:/bin:/usr/bin` } });

  it('shows the types, the nodes for a count, and the GPUs of this machine', async () => {
    const result = await gpus('--count', '12');
    expect(result.code, result.stderr).to.equal(0);
    expect(result.stdout)
      .to.match(/GPU_1xH100 +H100 +1 +80 GB +12\n/)
      .and.match(/GPU_8xH100 +H100 +8 +80 GB +-\n/);
    expect(result.stdout)
      .to.match(/ 0 {2}NVIDIA A10 +22\.5 GiB +21\.5 GiB +5 %\n/)
      .and.match(/ 1 {2}NVIDIA A10 +- +- +-\n/);
  });

  it('says the same in JSON', async () => {
    const { data } = envelopeOf(await gpus('-n', '16', '--json'));
    expect((data?.['types'] as unknown[])[2]).to.deep.equal({
      accelerator_type: 'GPU_8xH100',
      display_name: 'H100',
      gpus_per_node: 8,
      memory_gb: 80,
      nodes: 2,
    });
    expect(data?.['devices']).to.deep.equal([
      {
        index: 0,
        name: 'NVIDIA A10',
        uuid: 'GPU-1',
        memory_total_mib: 23_028,
        memory_free_mib: 22_000,
        utilization_percent: 5,
      },
      {
        index: 1,
        name: 'NVIDIA A10',
        uuid: 'GPU-2',
        memory_total_mib: null,
        memory_free_mib: null,
        utilization_percent: null,
      },
    ]);
  });

  it('refuses a count that no workload can have', async () => {
    for (const count of ['0', '-8', '2000', 'x']) {
      const result = await gpus(`--count=${count}`, '-o', 'json');
      expect(result.code, count).to.equal(2);
      expect(envelopeOf(result).error?.code).to.equal('INVALID_ARGS');
    }
  });
});
