import { expect } from 'chai';
import { isFatalLine } from '../../../src/lib/logs/alerts.js';

const fatal = [
  'torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB',
  'cuda OUT OF MEMORY',
  '[ 12.3] Out of memory: Killed process 4242 (python)',
  'out of memory: kill process 4242',
  'Killed',
  '  Killed  ',
  'composer.trainer: OutOfMemory in step 3',
  'worker died: signal 9',
  'received signal SIGTERM',
  'Segmentation fault (core dumped)',
  '[Rank 0] Watchdog caught collective operation timeout: WorkNCCL',
  'node-1:33 NCCL WARN Connect to 10.0.0.1 failed: unhandled system error',
  'ncclCommAbort: Got async error event',
  'transport/net_ib.cc:86 NCCL WARN got completion with error',
  'RuntimeError: CUDA error: device-side assert triggered',
  'cuda runtime error (59)',
  'an illegal memory access was encountered',
  'CUDA kernel errors might be asynchronously reported at some other API call',
  'NVRM: Xid (PCI:0000:3b:00): 79, GPU has fallen off the bus',
  'composer.utils.checkpoint.CheckpointError: gone',
  'torch.distributed.elastic.ChildFailedException',
  'torch.distributed.DistNetworkError: lost',
  'TCPStore: wait timed out after 300 s',
  'Store get timeout',
  'streaming.base.dataset.ShardError',
  '[MLflow Logger][Warning] No new logs have been emitted for 600 s',
  'ERROR: Script failed with exit code 137 after 12s',
  'bash: line 1: trian.py: command not found',
];

const harmless = [
  '',
  'loss=0.5 lr=1e-3',
  'Killed the old checkpoint',
  'memory: 12 GiB of 80 GiB used',
  'signal 15 received',
  'NCCL INFO Connected all rings',
  'NVRM: Xid (PCI:0000:3b:00): 13',
  'ERROR: Script failed with exit code 0 after 3s',
  'restored 10 steps; the run timed out last week',
  'composer.trainer starts',
];

describe('lines that say a job is dying', () => {
  for (const line of fatal) it(`${line} does`, () => void expect(isFatalLine(line)).to.equal(true));
  for (const line of harmless) it(`${line} does not`, () => void expect(isFatalLine(line)).to.equal(false));

  it('reads only the beginning of a very long line', () => {
    expect(isFatalLine(`CUDA error ${'x'.repeat(1_000_000)}`)).to.equal(true);
    expect(isFatalLine(`${'x'.repeat(1_000_000)} CUDA error`)).to.equal(false);
  });
});
