import { expect } from 'chai';
import { existsSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { findLocalWorkspace } from '../../src/lib/local/client/index.js';
import { processIdentity } from '../../src/lib/process-identity.js';
import { envelopeOf, runCli, type CliOptions, type CliResult } from '../support/cli.js';
import { emptyLocalWorkspace, type ScratchWorkspace } from '../support/local-workspace.js';

const workload = (command: string, more = ''): string => `
experiment_name: local
compute: {accelerator_type: GPU_1xA10, num_accelerators: 1}
max_retries: 0
${more}
command: |
  ${command}
`;

describe('air local', function () {
  this.timeout(60_000);
  let lw: ScratchWorkspace;
  beforeEach(() => {
    lw = emptyLocalWorkspace();
  });
  afterEach(() => lw.close());

  const air = (args: string[], options: CliOptions = {}): Promise<CliResult> =>
    runCli(args, { ...options, env: { ...lw.env, ...options.env } });
  const data = async (...args: string[]): Promise<Record<string, unknown>> => {
    const result = await air([...args, '-o', 'json']);
    expect(result.code, result.stdout + result.stderr).to.equal(0);
    return envelopeOf(result).data ?? {};
  };
  const writeWorkload = (command: string, more?: string): string => {
    const file = join(lw.folder, 'train.yaml');
    writeFileSync(file, workload(command, more));
    return file;
  };

  describe('status', () => {
    it('of one that does not run starts nothing and leaves no trace', async () => {
      expect(await data('local', 'status')).to.deep.equal({
        running: false,
        ...{ pid: null, address: null, version: null, data_dir: null, started_at: null },
        ...{ runs: null, queue: null, disk_bytes: null, environment: null },
      });
      expect((await air(['local', 'status'])).stdout).to.match(/is not running/);
      expect(existsSync(lw.layout.root)).to.equal(false);
    });

    it('shows address, runs and what runs get of the shell', async () => {
      const started = await data('local', 'start');
      const file = writeWorkload('exit 3');
      await air(['run', '-f', file, '--local', '--watch']);
      await air(['run', '-f', writeWorkload('true'), '--local', '--watch']);
      const status = await data('local', 'status');
      expect(status).to.include({ running: true, pid: started['pid'], address: started['address'] });
      expect(status['runs']).to.deep.equal({ failed: 1, success: 1 });
      expect(status['disk_bytes']).to.be.greaterThan(1000);
      expect(status['environment']).to.include({ PATH: lw.env['PATH'] });
      const { stdout } = await air(['local', 'status']);
      expect(stdout)
        .to.include(String(started['address']))
        .and.include('1 failed')
        .and.include('1 succeeded');
    });
  });

  describe('start and stop', () => {
    it('keep address and token from one to the next', async () => {
      const first = await data('local', 'start');
      const variables = await data('local', 'env');
      expect(await data('local', 'stop')).to.deep.equal({ stopped: true, cancelled: 0 });
      expect(await data('local', 'stop')).to.deep.equal({ stopped: false, cancelled: 0 });
      const second = await data('local', 'start');
      expect(second['address']).to.equal(first['address']);
      expect(second['pid']).to.not.equal(first['pid']);
      expect(await data('local', 'env')).to.deep.equal(variables);
      expect((await air(['local', 'start'])).stdout).to.match(/already runs/);
      expect((await air(['local', 'stop'])).stdout).to.match(/has stopped/);
    });

    it('leave the workspace to its runs unless told otherwise', async () => {
      await air(['run', '-f', writeWorkload('sleep 60'), '--local']);
      const refused = await air(['local', 'stop', '-o', 'json']);
      expect(refused.code).to.equal(7);
      expect(envelopeOf(refused).error).to.include({ code: 'CONFLICT' });
      expect(envelopeOf(refused).error?.hint).to.include('--cancel-runs');
      expect(await data('local', 'stop', '--cancel-runs')).to.deep.equal({ stopped: true, cancelled: 1 });
    });

    it('let nobody else read what is kept', async () => {
      await data('local', 'start');
      expect(statSync(lw.layout.root).mode & 0o777).to.equal(0o700);
      for (const name of readdirSync(lw.layout.root)) {
        expect(statSync(join(lw.layout.root, name)).mode & 0o077, name).to.equal(0);
      }
    });
  });

  it('env prints lines that a shell takes, and other tools get in with', async () => {
    const { stdout } = await air(['local', 'env']);
    expect(stdout.trim().split('\n')).to.have.length(4);
    for (const line of stdout.trim().split('\n')) expect(line).to.match(/^export [A-Z_]+='[^']+'$/);
    const { DATABRICKS_HOST: host, DATABRICKS_TOKEN: token } = await data('local', 'env');
    const headers = { authorization: `Bearer ${String(token)}` };
    expect((await fetch(`${String(host)}/api/2.0/preview/scim/v2/Me`, { headers })).status).to.equal(200);
    expect(await data('local', 'env')).to.have.property('MLFLOW_TRACKING_URI', host);
  });

  it('open prints the address where there is no terminal, and starts no browser', async () => {
    const env = { BROWSER: '/no/such/browser' };
    const { stdout, stderr, code } = await air(['local', 'open'], { env });
    expect(stdout).to.match(/^http:\/\/127\.0\.0\.1:\d+\/\n$/);
    expect([stderr, code]).to.deep.equal(['', 0]);
    expect(await data('local', 'open')).to.deep.equal({ address: stdout.trim(), opened: false });
    expect((await air(['local', 'open', '12345'])).code).to.equal(5);
  });

  describe('reset', () => {
    it('asks first; where it cannot ask, it wants to be told', async () => {
      await data('local', 'start');
      const refused = await air(['local', 'reset', '-o', 'json']);
      expect(refused.code).to.equal(2);
      expect(envelopeOf(refused).error?.hint).to.include('--yes');
      expect(existsSync(lw.layout.database)).to.equal(true);
    });

    it('ends what runs and removes everything', async () => {
      const pidFile = join(lw.folder, 'pid');
      await air(['run', '-f', writeWorkload(`echo $$ > ${pidFile}; sleep 60`), '--local']);
      while (!existsSync(pidFile)) await delay(20);
      expect(await data('local', 'reset', '--yes')).to.include({ reset: true, data_dir: lw.layout.root });
      expect(existsSync(lw.layout.root)).to.equal(false);
      expect(findLocalWorkspace(lw.dataDirectory)).to.equal(undefined);
      expect(await data('local', 'reset', '--yes')).to.include({ reset: true });
    });
  });

  describe('secrets', () => {
    it('are stored from standard input, listed without values, given to runs, and deleted', async () => {
      const put = await air(['local', 'secrets', 'put', 'team', 'key', '-o', 'json'], {
        input: 'hush hush\n',
      });
      expect(envelopeOf(put).data).to.deep.equal({ scope: 'team', key: 'key' });
      const file = writeWorkload('echo "[$KEY]"', 'secrets: {KEY: team/key}');
      expect((await air(['run', '-f', file, '--local', '--watch'])).stdout).to.include('[hush hush]');
      const { stdout } = await air(['local', 'secrets', 'list']);
      expect(stdout).to.equal('team/key\n');
      const { scopes } = await data('local', 'secrets', 'list', 'team');
      expect(JSON.stringify(scopes)).to.include('"key"').and.not.include('hush');
      expect(await data('local', 'secrets', 'delete', 'team', 'key')).to.deep.equal({
        scope: 'team',
        key: 'key',
      });
      expect((await air(['local', 'secrets', 'list'])).stdout).to.equal('team/ (empty)\n');
      expect(await data('local', 'secrets', 'delete', 'team')).to.deep.equal({ scope: 'team', key: null });
      expect((await air(['local', 'secrets', 'list'])).stdout).to.equal('There are no secrets.\n');
      expect((await air(['local', 'secrets', 'delete', 'team', 'key'])).code).to.equal(5);
    });

    it('that are missing are all told at their places in the file, before anything is uploaded', async () => {
      const file = writeWorkload('true', 'secrets:\n  HF_TOKEN: hf/token\n  KEY: team/key');
      const refused = await air(['run', '-f', file, '--local', '-o', 'json']);
      expect(refused.code).to.equal(2);
      const { error } = envelopeOf(refused);
      expect(error).to.include({ code: 'INVALID_CONFIG' });
      expect(error?.details).to.deep.equal([
        {
          ...{ path: 'secrets.HF_TOKEN', source: 'server', file, line: 6, column: 13 },
          message: 'The local workspace has no secret hf/token.',
          hint: 'To store it, type: air local secrets put hf token',
        },
        {
          ...{ path: 'secrets.KEY', source: 'server', file, line: 7, column: 8 },
          message: 'The local workspace has no secret team/key.',
          hint: 'To store it, type: air local secrets put team key',
        },
      ]);
      const uploaded = readdirSync(join(lw.layout.root, 'workspace'), { recursive: true }).map(String);
      expect(uploaded.filter((path) => path.includes('.air'))).to.deep.equal([]);
      const { stderr } = await air(['run', '-f', file, '--local']);
      expect(stderr)
        .to.match(/:6:13 +secrets\.HF_TOKEN\n/)
        .and.include('\n  To store it, type: air local secrets put hf token\n');
    });

    it('are refused when empty', async () => {
      expect((await air(['local', 'secrets', 'put', 'team', 'key'], { input: '\n' })).code).to.equal(2);
    });
  });

  describe('run --local', () => {
    it('returns at once inside $(...): nothing of the workspace holds the streams', async () => {
      const result = await air(['run', '-f', writeWorkload('sleep 60'), '--local', '-o', 'json']);
      // The pipes are closed, though server, supervisor and node go on.
      expect(result.code, result.stderr).to.equal(0);
      const { run_id: runId } = envelopeOf(result).data ?? {};
      expect(await data('get', 'run', String(runId), '--local')).to.not.include({ status: 'SUCCESS' });
      expect(processIdentity(lw.serverPid ?? 0)).to.be.a('string');
    });

    it('says once what differs from Databricks for this workload', async () => {
      const file = writeWorkload('cat /Volumes/main/a || true', 'usage_policy_name: research');
      const text = await air(['run', '-f', file, '--local']);
      expect(text.code, text.stderr).to.equal(0);
      expect(text.stderr.split('Unlike on Databricks:')).to.have.length(2);
      expect(text.stderr).to.include('/Volumes/main/a is not mounted here');
      expect(text.stderr).to.include('usage policy research has no effect');
      const json = await air(['run', '-f', file, '--local', '-o', 'json']);
      expect(json.stderr).to.equal('');
      expect(envelopeOf(json).data?.['differences']).to.have.length(3);
      const watched = await air(['run', '-f', file, '--local', '--watch', '-o', 'json']);
      expect(envelopeOf(watched).data).to.have.property('status', 'SUCCESS');
      expect(envelopeOf(watched).data?.['differences']).to.have.length(3);
    });

    it('says when the workspace keeps another PATH or virtual environment than the shell has', async () => {
      const file = writeWorkload('echo $PATH $VIRTUAL_ENV');
      const first = await air(['run', '-f', file, '--local'], { env: { VIRTUAL_ENV: '/venv/a' } });
      expect(first.stderr).to.not.include('air local stop');
      const other = { PATH: `/other:${lw.env['PATH'] ?? ''}` };
      const second = await air(['run', '-f', file, '--local', '--watch'], { env: other });
      expect(second.stderr).to.match(/PATH and VIRTUAL_ENV of the shell .*: air local stop\n/);
      expect(second.stdout).to.include('/venv/a').and.not.include('/other');
    });
  });
});
