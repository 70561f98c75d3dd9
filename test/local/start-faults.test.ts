import { expect } from 'chai';
import { spawnSync, type ChildProcess } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { envelopeOf, runCli, type CliResult, type ErrorData } from '../support/cli.js';
import { emptyLocalWorkspace, type ScratchWorkspace } from '../support/local-workspace.js';

const garbage = Buffer.alloc(5000, 'no database ');

/** Ends a program that never would. */
function killLate(child: ChildProcess): void {
  const timer = setTimeout(() => child.kill('SIGKILL'), 20_000);
  child.once('exit', () => clearTimeout(timer));
}

describe('a local workspace that cannot start', function () {
  this.timeout(60_000);
  let lw: ScratchWorkspace;
  beforeEach(() => {
    lw = emptyLocalWorkspace();
  });
  afterEach(() => lw.close());

  const air = (...args: string[]): Promise<CliResult> => runCli(args, { env: lw.env });
  const refusal = async (...args: string[]): Promise<ErrorData> => {
    const result = await air(...args, '-o', 'json');
    expect(result.code, result.stdout).to.equal(7);
    expect(result.stderr).to.equal('');
    const { error } = envelopeOf(result);
    expect(error).to.include({ code: 'INTERNAL_ERROR', retryable: false });
    return error as ErrorData;
  };

  it('says that its data directory is a file, or that a part of its path is', async () => {
    mkdirSync(lw.dataDirectory);
    writeFileSync(lw.layout.root, '');
    const error = await refusal('local', 'start');
    expect(error.message).to.equal(
      `The data directory ${lw.dataDirectory} cannot be used: a part of the path is a file.`,
    );
    expect(error.hint).to.match(/AIR_DATA_DIR/);
    expect((await air('local', 'status')).stdout).to.match(/is not running/);
  });

  it('says so in text and without a word of plugins when the data directory itself is a file, or below one', async () => {
    writeFileSync(lw.dataDirectory, '');
    for (const directory of [lw.dataDirectory, join(lw.dataDirectory, 'deep/er')]) {
      const result = await runCli(['list', '--local'], { env: { ...lw.env, AIR_DATA_DIR: directory } });
      expect(result.code).to.equal(7);
      expect(result.stderr).to.equal(
        `Error: The data directory ${directory} cannot be used: a part of the path is a file.\n` +
          'Hint: Point AIR_DATA_DIR at a folder that you can write to.\n',
      );
    }
  });

  (existsSync('/proc/self') ? it : it.skip)('says that nothing can be made below /proc', async () => {
    const env = { ...lw.env, AIR_DATA_DIR: '/proc/air/data' };
    const result = await runCli(['local', 'start', '-o', 'json'], {
      env,
      onStart: (child) => killLate(child),
    });
    expect(result.code).to.equal(7);
    expect(envelopeOf(result).error?.message).to.equal(
      'The data directory /proc/air/data cannot be used: nothing can be written there.',
    );
  });

  it('says that its data directory may not be written', async () => {
    mkdirSync(lw.dataDirectory);
    const asRoot = process.getuid?.() === 0;
    // Permissions do not stop root; a file system that only reads does.
    if (asRoot) expect(mounted('ro,size=1m')).to.equal(true);
    else chmodSync(lw.dataDirectory, 0o500);
    try {
      const error = await refusal('local', 'start');
      expect(error.message).to.match(/The data directory .* cannot be used: (nothing can|you may not)/);
      expect((await refusal('local', 'env')).message).to.equal(error.message);
    } finally {
      if (asRoot) unmount();
      else chmodSync(lw.dataDirectory, 0o700);
    }
  });

  it('says at once that its lock is damaged, and how to go on', async () => {
    mkdirSync(lw.layout.root, { recursive: true });
    writeFileSync(lw.layout.serverLock, garbage);
    const { message } = await refusal('local', 'start');
    expect(message).to.include(lw.layout.serverLock).and.include(`rm ${lw.layout.serverLock}`);
    rmSync(lw.layout.serverLock);
    expect((await air('local', 'start')).code).to.equal(0);
  });

  it('starts over the state and the lock that a dead server left', async () => {
    await lw.start();
    await lw.killServer();
    writeFileSync(`${lw.layout.serverLock}-journal`, garbage);
    writeFileSync(lw.layout.serverState, '{"port":');
    expect((await air('local', 'start')).code).to.equal(0);
    expect((await air('local', 'status')).stdout).to.match(/Address/);
  });

  it('says that its database is damaged; reset removes it all the same', async () => {
    mkdirSync(lw.layout.root, { recursive: true });
    writeFileSync(lw.layout.database, garbage);
    const { message } = await refusal('local', 'start');
    expect(message)
      .to.include(lw.layout.database)
      .and.match(/is damaged/);
    expect(message).to.include('air local reset');
    const reset = await air('local', 'reset', '--yes');
    expect([reset.code, reset.stdout]).to.deep.equal([0, 'The local workspace is empty.\n']);
    expect(reset.stderr).to.match(/^Warning: .*not canceled first/);
    expect(existsSync(lw.layout.root)).to.equal(false);
    expect((await air('local', 'start')).code).to.equal(0);
  });

  it('says that the disk is full; one that runs can be stopped all the same', async function () {
    mkdirSync(lw.dataDirectory);
    if (!mounted('size=4m')) {
      process.stderr.write('SKIPPED: only root can mount the small disk that this test fills.\n');
      this.skip();
    }
    try {
      const filler = join(lw.dataDirectory, 'filler');
      const fill = () => spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=1k']);
      fill();
      expect((await refusal('local', 'start')).message).to.match(/the disk is full/);
      rmSync(filler);
      expect((await air('local', 'start')).code).to.equal(0);
      fill();
      expect((await air('local', 'stop')).stdout).to.equal('The local workspace has stopped.\n');
      expect((await air('local', 'status')).stdout).to.match(/is not running/);
      expect((await refusal('local', 'start')).message).to.match(/the disk is full/);
      rmSync(filler);
      expect((await air('local', 'start')).code).to.equal(0);
    } finally {
      await lw.stopAll();
      unmount();
    }
  });

  function mounted(options: string): boolean {
    return spawnSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', lw.dataDirectory]).status === 0;
  }

  function unmount(): void {
    spawnSync('umount', ['-l', lw.dataDirectory]);
  }
});
