import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import Libsql from 'libsql';
import { isSameProcess, processIdentity } from '../../src/lib/process-identity.js';
import type { ErrorBody } from '../../src/lib/workspace/contract/index.js';
import { envelopeOf, runCli, type CliResult } from '../support/cli.js';
import { emptyLocalWorkspace, type ScratchWorkspace } from '../support/local-workspace.js';
import { systemCode } from '../../src/lib/errors.js';

describe('the local workspace in trouble', function () {
  this.timeout(60_000);
  let lw: ScratchWorkspace;
  beforeEach(() => {
    lw = emptyLocalWorkspace();
  });
  afterEach(() => lw.close());

  const air = (...args: string[]): Promise<CliResult> => runCli(args, { env: lw.env });
  const runs = (run: { state?: { life_cycle_state?: string } }) => run.state?.life_cycle_state === 'RUNNING';

  it('refuses a state that a newer version wrote, and leaves it as it is', async () => {
    await air('local', 'start');
    await air('local', 'stop');
    withDatabase((database) => database.exec('PRAGMA user_version = 99'));
    const { code, stdout } = await air('local', 'start', '-o', 'json');
    expect(code).to.equal(7);
    const { error } = envelopeOf({ stdout } as CliResult);
    expect(error?.message).to.match(/workspace\.db was written by a newer version of air \(schema 99/);
    expect(error?.message).to.match(/Update air/);
    withDatabase((database) =>
      expect(database.prepare('PRAGMA user_version').get()).to.have.property('user_version', 99),
    );
  });

  it('takes another port when its own is taken, and says so', async () => {
    await lw.start();
    const runId = await lw.submit({ command: 'true' });
    await lw.untilOver(runId);
    const port = Number(new URL(lw.host).port);
    await air('local', 'stop');
    const other = createServer();
    await new Promise<void>((resolve, reject) => {
      // A program outside the test that was quicker serves as well.
      other.once('error', (error) => (systemCode(error) === 'EADDRINUSE' ? resolve() : reject(error)));
      other.listen(port, '127.0.0.1', resolve);
    });
    try {
      const { stderr, stdout } = await air('local', 'start');
      expect(stderr).to.match(new RegExp(`Port ${port} is taken by another program.*now at http://127`));
      expect(stdout).to.not.include(`:${port} `);
      await lw.start();
      expect((await lw.run(runId)).state?.result_state).to.equal('SUCCESS');
    } finally {
      other.close();
    }
  });

  it('answers in words while another process locks its database, and loses nothing', async () => {
    await lw.start();
    const runId = await lw.submit({ command: 'until [ -e ~/release ]; do sleep 0.05; done; exit 4' });
    await lw.until(runId, runs);
    const pid = lw.serverPid;
    const database = new Libsql(lw.layout.database);
    database.exec('BEGIN IMMEDIATE');
    try {
      const { status, body } = await lw.request<ErrorBody>('POST', '/api/2.0/secrets/scopes/create', {
        scope: 'x',
      });
      expect([status, body.error_code]).to.deep.equal([503, 'TEMPORARILY_UNAVAILABLE']);
      expect(body.message).to.match(/Another process has locked the database/);
      writeFileSync(join(lw.folder, 'home', 'release'), '');
      // The run ends while its end cannot be recorded: the server says so, and tries again.
      while (!readFileSync(lw.layout.serverLog, 'utf8').includes(` run ${runId}: `)) await delay(20);
      expect((await lw.run(runId)).state?.life_cycle_state).to.equal('RUNNING');
    } finally {
      database.exec('ROLLBACK');
      database.close();
    }
    expect((await lw.untilOver(runId)).state?.state_message).to.match(/exit code 4/);
    expect(lw.serverPid).to.equal(pid);
  });

  it('says that its server hangs, and how to end it; its runs go on with the next one', async () => {
    await lw.start();
    const runId = await lw.submit({ command: 'until [ -e ~/release ]; do sleep 0.05; done; echo done' });
    await lw.until(runId, runs);
    const pid = lw.serverPid ?? 0;
    process.kill(pid, 'SIGSTOP');
    const { code, stdout } = await air('local', 'stop', '-o', 'json');
    expect(code).to.equal(6);
    const { error } = envelopeOf({ stdout } as CliResult);
    expect(error?.message).to.equal(`The local workspace (process ${pid}) does not answer.`);
    expect(error?.hint).to.include(`kill -9 ${pid}`);
    await lw.killServer();
    await lw.start();
    writeFileSync(join(lw.folder, 'home', 'release'), '');
    expect((await lw.untilOver(runId)).state?.result_state).to.equal('SUCCESS');
  });

  it('ends, with its runs, when its folder is removed', async () => {
    await lw.start();
    const pidFile = join(lw.folder, 'pid');
    await lw.submit({ command: `echo $$ > ${pidFile}; sleep 600` });
    while (!existsSync(pidFile) || !readFileSync(pidFile, 'utf8').endsWith('\n')) await delay(20);
    const pids = [lw.serverPid, Number(readFileSync(pidFile, 'utf8'))];
    const processes = pids.map((pid) => (pid === undefined ? null : processIdentity(pid)));
    expect(processes).not.to.include(null);
    rmSync(lw.layout.root, { recursive: true, maxRetries: 5 });
    while (processes.some((each) => each !== null && isSameProcess(each))) await delay(20);
    expect(existsSync(lw.layout.root)).to.equal(false);
  });

  describe('on a full disk', () => {
    let mounted = false;
    beforeEach(function () {
      mkdirSync(lw.dataDirectory, { recursive: true });
      const tmpfs = ['-t', 'tmpfs', '-o', 'size=16m', 'tmpfs', lw.dataDirectory];
      mounted = spawnSync('mount', tmpfs).status === 0;
      if (mounted) return;
      process.stderr.write('SKIPPED: only root can mount the small disk that this test fills.\n');
      this.skip();
    });
    afterEach(async () => {
      if (!mounted) return;
      await lw.stopAll();
      spawnSync('umount', ['-l', lw.dataDirectory]);
    });

    it('ends a run that fills it, with the reason, and keeps whole lines', async () => {
      await lw.start();
      const runId = await lw.submit({ command: 'yes "$(printf %0999d 7)"' });
      const run = await lw.untilOver(runId);
      expect(run.state?.life_cycle_state).to.equal('INTERNAL_ERROR');
      expect(run.state?.state_message).to.match(/disk of this machine is full/);
      const tail = await lw.text(runId, 'ascending=false');
      for (const line of tail) expect(line).to.equal('7'.padStart(999, '0'));
    });

    it('refuses what it cannot store, and goes on when there is room again', async () => {
      await lw.start();
      await lw.request('POST', '/api/2.0/secrets/scopes/create', { scope: 'a' });
      const filler = join(lw.dataDirectory, 'filler');
      spawnSync('dd', ['if=/dev/zero', `of=${filler}`, 'bs=1k']);
      const refused = await lw.request<ErrorBody>('PUT', '/api/2.0/fs/directories/Volumes/a/b/c');
      const put = await lw.request<ErrorBody>(
        'PUT',
        '/api/2.0/fs/files/Volumes/a/b/c/f',
        'x'.repeat(100_000),
      );
      expect(put.status, JSON.stringify([refused, put])).to.equal(507);
      expect(put.body.message).to.match(/disk of this machine is full/);
      const secret = { scope: 'a', key: 'b', bytes_value: Buffer.alloc(100_000).toString('base64') };
      expect((await lw.request('POST', '/api/2.0/secrets/put', secret)).status).to.equal(507);
      rmSync(filler);
      const runId = await lw.submit({ command: 'echo room' });
      expect((await lw.untilOver(runId)).state?.result_state).to.equal('SUCCESS');
    });
  });

  function withDatabase(work: (database: Libsql.Database) => void): void {
    const database = new Libsql(lw.layout.database);
    try {
      work(database);
    } finally {
      database.close();
    }
  }
});
