import { expect } from 'chai';
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { AttemptFolder } from '../../src/lib/local/supervisor/folder.js';
import {
  isSameProcess,
  processIdentity,
  processIdOf,
  signalProcess,
} from '../../src/lib/process-identity.js';
import { startLocalWorkspace, type ScratchWorkspace } from '../support/local-workspace.js';

const lasting = 'echo up; (sleep 600) & echo $$ $! > ~/pids; wait';

describe('an attempt of the local workspace whose supervisor is lost', function () {
  this.timeout(60_000);
  let lw: ScratchWorkspace;
  beforeEach(async () => {
    lw = await startLocalWorkspace({ AIR_LOCAL_CPU_RUNS: '1' });
  });
  afterEach(() => lw.close());

  it('ends with the reason, its command stopped, its lines kept, and is not tried again', async () => {
    const { runId, folder, processes } = await started();
    signalProcess(processIdOf(folder.supervisor() ?? ''), 'SIGKILL');
    const run = await lw.untilOver(runId);
    expect(run.state?.life_cycle_state).to.equal('INTERNAL_ERROR');
    expect(run.state?.state_message).to.match(/supervisor of the run ended unexpectedly/);
    expect(run.tasks).to.have.length(1);
    expect(processes.filter(isSameProcess)).to.deep.equal([]);
    expect(await lw.text(runId)).to.deep.equal(['up']);
  });

  it('ends as soon as its folder is gone, and the server goes on', async () => {
    const { runId, processes } = await started();
    const server = lw.serverPid;
    rmSync(lw.layout.run(runId), { recursive: true, maxRetries: 5 });
    const run = await lw.untilOver(runId);
    expect(run.state?.life_cycle_state).to.equal('INTERNAL_ERROR');
    expect(run.state?.state_message).to.match(/folder of the run was removed/);
    while (processes.some(isSameProcess)) await delay(20);
    expect(lw.serverPid).to.equal(server);
  });

  it('was ended by a restart of the machine, which it says; what waited behind it runs', async () => {
    const { runId, folder } = await started();
    const waiting = await lw.submit({ command: 'echo next' });
    await crash(folder);
    const ofEarlierBoot = (text: string) => text.replace(/(\d+-\d+)\.[0-9a-f]+/g, '$1.00000000');
    rewrite(lw.layout.serverState, ofEarlierBoot);
    rewrite(join(folder.path, 'supervisor'), ofEarlierBoot);
    rewrite(folder.journal, ofEarlierBoot);
    await lw.start();
    const run = await lw.untilOver(runId);
    expect(run.state?.life_cycle_state).to.equal('INTERNAL_ERROR');
    expect(run.state?.state_message).to.match(/machine was restarted/);
    expect(run.tasks).to.have.length(1);
    expect(await lw.text(runId)).to.deep.equal(['up']);
    expect((await lw.untilOver(waiting)).state?.result_state).to.equal('SUCCESS');
    expect(await lw.text(waiting)).to.deep.equal(['next']);
  });

  it('is not taken for another process that has its number by now, and that process is left alone', async () => {
    const { runId, folder } = await started();
    await crash(folder);
    const stranger = spawn('sleep', ['600'], { detached: true, stdio: 'ignore' });
    try {
      const identity = await identityOf(stranger);
      // The same number in the same boot, started at another time.
      const reused = identity.replace(/-\d+\./, '-1.');
      const withReused = (text: string) => text.replace(/\d+-\d+\.[0-9a-f]+/g, reused);
      rewrite(lw.layout.serverState, withReused);
      rewrite(join(folder.path, 'supervisor'), withReused);
      rewrite(folder.journal, withReused);
      await lw.start();
      const run = await lw.untilOver(runId);
      expect(run.state?.life_cycle_state).to.equal('INTERNAL_ERROR');
      expect(run.state?.state_message).to.match(/supervisor of the run ended unexpectedly/);
      expect(isSameProcess(identity)).to.equal(true);
    } finally {
      stranger.kill('SIGKILL');
    }
  });

  it('has an end also when the machine went down in the middle of its journal', async () => {
    const { runId, folder } = await started();
    await crash(folder);
    rewrite(folder.journal, (text) => `${text}${'\0'.repeat(40)}\n{"at":17`);
    await lw.start();
    expect((await lw.untilOver(runId)).state?.life_cycle_state).to.equal('INTERNAL_ERROR');
  });

  /** A run whose command and its child live, and whose first line is recorded. */
  async function started(): Promise<{ runId: string; folder: AttemptFolder; processes: string[] }> {
    const runId = await lw.submit({ command: lasting, maxRetries: 1 });
    const pidFile = join(lw.folder, 'home', 'pids');
    while (!existsSync(pidFile) || !readFileSync(pidFile, 'utf8').endsWith('\n')) await delay(10);
    while ((await lw.run(runId)).tasks?.[0]?.setup_duration === 0) await delay(10);
    while ((await lw.text(runId)).length === 0) await delay(10);
    const pids = readFileSync(pidFile, 'utf8').trim().split(' ').map(Number);
    const processes = pids.map((pid) => processIdentity(pid) ?? '');
    return { runId, folder: new AttemptFolder(lw.layout.attempt(runId, 0)), processes };
  }

  /** Ends everything at once, so that nobody writes down how the attempt ended. */
  async function crash(folder: AttemptFolder): Promise<void> {
    const supervisor = processIdOf(folder.supervisor() ?? '');
    await lw.killServer();
    signalProcess(supervisor, 'SIGKILL');
    await lw.stopAll();
  }
});

function rewrite(file: string, change: (text: string) => string): void {
  writeFileSync(file, change(readFileSync(file, 'utf8')));
}

async function identityOf(child: ChildProcess): Promise<string> {
  await new Promise((resolve) => child.once('spawn', resolve));
  return processIdentity(child.pid ?? 0) ?? '';
}
