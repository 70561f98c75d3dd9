import { expect } from 'chai';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startLocalWorkspace, type ScratchWorkspace } from '../support/local-workspace.js';
import { standInGpus } from '../support/nvidia-smi.js';

const visible = 'echo "gpus=$CUDA_VISIBLE_DEVICES"';
const untilReleased = 'until [ -e ~/release ]; do sleep 0.05; done';

describe('GPUs in the local workspace', () => {
  let lw: ScratchWorkspace;
  let folder: string;

  beforeEach(async () => {
    folder = standInGpus(4);
    lw = await startLocalWorkspace({
      PATH: `${folder}:${process.env['PATH'] ?? ''}`,
      AIR_LOCAL_CPU_RUNS: '1',
    });
  });
  afterEach(async () => {
    await lw.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const gpusOf = async (runId: string): Promise<string[]> =>
    (await lw.text(runId)).filter((line) => line.startsWith('gpus=')).map((line) => line.slice(5));
  const isRunning = (run: { state?: { life_cycle_state?: string } }) =>
    run.state?.life_cycle_state === 'RUNNING';

  it('belong to one node each', async () => {
    const runId = await lw.submit({ command: visible, nodes: 4 });
    await lw.untilOver(runId);
    expect((await gpusOf(runId)).sort()).to.deep.equal(['0', '1', '2', '3']);
  });

  it('are counted as nvidia-smi counts them', async () => {
    const runId = await lw.submit({ command: 'echo $CUDA_DEVICE_ORDER' });
    await lw.untilOver(runId);
    expect(await lw.text(runId)).to.deep.equal(['PCI_BUS_ID']);
  });

  it('are never given to two runs: one that finds too few free waits in its queue', async () => {
    const first = await lw.submit({ command: `${visible}; ${untilReleased}`, nodes: 3 });
    await lw.until(first, isRunning);
    const second = await lw.submit({ command: visible, nodes: 2 });
    const third = await lw.submit({ command: visible });
    expect((await lw.run(second)).state).to.include({ life_cycle_state: 'PENDING' });
    expect((await lw.run(second)).state?.state_message).to.match(/place 1 in the queue/);
    // One GPU is free, but the queue is first in, first out.
    expect((await lw.run(third)).state?.state_message).to.match(/place 2 in the queue/);
    release(lw);
    await lw.untilOver(first);
    await lw.untilOver(second);
    await lw.untilOver(third);
    expect((await gpusOf(first)).sort()).to.deep.equal(['0', '1', '2']);
    expect(await gpusOf(second)).to.have.length(2);
    expect((await gpusOf(third)).join()).to.match(/^[0-3]$/);
  });

  it('that the machine can never have are not waited for: the run goes on the CPU at once', async () => {
    const busy = await lw.submit({ command: untilReleased, nodes: 4 });
    await lw.until(busy, isRunning);
    const runId = await lw.submit({ command: visible, accelerator: { type: 'GPU_8xH100', count: 8 } });
    await lw.untilOver(runId);
    expect(await gpusOf(runId)).to.deep.equal(['']);
    expect((await lw.run(busy)).state?.life_cycle_state).to.equal('RUNNING');
    release(lw);
    await lw.untilOver(busy);
  });

  it('are not needed by runs on the CPU, which wait for one another by AIR_LOCAL_CPU_RUNS', async () => {
    const large = { type: 'GPU_8xH100', count: 8 };
    const busy = await lw.submit({ command: untilReleased, accelerator: large });
    await lw.until(busy, isRunning);
    const waiting = await lw.submit({ command: visible, accelerator: large });
    const withGpu = await lw.submit({ command: visible });
    await lw.untilOver(withGpu);
    expect((await lw.run(waiting)).state?.life_cycle_state).to.equal('PENDING');
    release(lw);
    expect((await lw.untilOver(waiting)).state?.result_state).to.equal('SUCCESS');
  });

  it('stay with their run when the server is killed', async () => {
    const first = await lw.submit({ command: `${visible}; ${untilReleased}`, nodes: 3 });
    await lw.until(first, isRunning);
    await lw.killServer();
    await lw.start();
    const second = await lw.submit({ command: visible, nodes: 2 });
    expect((await lw.run(second)).state?.life_cycle_state).to.equal('PENDING');
    release(lw);
    await lw.untilOver(second);
  });
});

/** Lets every run go on that waits for it. */
function release(lw: ScratchWorkspace): void {
  writeFileSync(join(lw.folder, 'home', 'release'), '');
}
