import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeCertificate, type TestCertificate } from '../support/certificate.js';
import { envelopeOf, runCli, type CliResult } from '../support/cli.js';
import { canSilenceNames, runWithoutNames } from '../support/silent-name-server.js';
import { startProxy, type TestProxy, type TestProxyOptions } from '../support/proxy.js';
import { scimMe, startScriptedWorkspace, type ScriptedWorkspace } from '../support/scripted-workspace.js';

const finished = {
  json: { run_id: 5, state: { life_cycle_state: 'TERMINATED', result_state: 'SUCCESS' }, tasks: [] },
};

/** The way from the program to a workspace, over a real network stack. */
describe('the network', function () {
  this.timeout(60_000);
  let home: string;
  let certificate: TestCertificate;
  let workspace: ScriptedWorkspace;
  let proxy: TestProxy | undefined;

  before(async () => {
    certificate = await makeCertificate(['DNS:workspace.test', 'IP:127.0.0.1']);
  });
  after(() => certificate.remove());
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'air-network-'));
    workspace = await startScriptedWorkspace(
      { 'GET /api/2.0/preview/scim/v2/Me': scimMe(), 'GET /api/2.2/jobs/runs/get': finished },
      certificate,
    );
  });
  afterEach(async () => {
    await proxy?.close();
    proxy = undefined;
    await workspace.close();
    await rm(home, { recursive: true, force: true });
  });

  const getRun = (env: NodeJS.ProcessEnv, ...more: string[]): Promise<CliResult> =>
    runCli(['get', 'run', '5', '-o', 'json', ...more], {
      env: { HOME: home, DATABRICKS_TOKEN: 'network-token', ...env },
    });

  async function proxied(options: TestProxyOptions = {}): Promise<TestProxy> {
    return (proxy = await startProxy({ port: Number(new URL(workspace.url).port), ...options }));
  }

  describe('certificates', () => {
    it('of an unknown authority are refused, permanently, with the remedy', async () => {
      const result = await getRun({ DATABRICKS_HOST: workspace.url });
      const { error } = envelopeOf(result);
      expect(result.code).to.equal(7);
      expect(error).to.include({ code: 'INTERNAL_ERROR', kind: 'PERMANENT', retryable: false });
      expect(error?.message).to.contain('certificate is not trusted');
      expect(error?.hint).to.contain('NODE_EXTRA_CA_CERTS');
      expect(workspace.requests).to.have.length(0);
    });

    it('are accepted with NODE_EXTRA_CA_CERTS', async () => {
      const env = { DATABRICKS_HOST: workspace.url, NODE_EXTRA_CA_CERTS: certificate.path };
      const result = await getRun(env);
      expect(result.code, result.stdout).to.equal(0);
      expect(envelopeOf(result).data).to.include({ run_id: '5' });
    });

    it('of another name are called so', async () => {
      const { port } = new URL(workspace.url);
      const env = { DATABRICKS_HOST: `https://localhost:${port}`, NODE_EXTRA_CA_CERTS: certificate.path };
      const result = await getRun(env);
      expect(result.code).to.equal(7);
      expect(envelopeOf(result).error?.message).to.contain('certificate is for another name');
      expect(envelopeOf(result).error?.hint).not.to.contain('NODE_EXTRA_CA_CERTS');
    });
  });

  describe('proxies', () => {
    const host = 'https://workspace.test';

    it('open a tunnel to the workspace, with their own login, which no trace shows', async () => {
      const { url, asked, authorizations } = await proxied();
      const HTTPS_PROXY = url.replace('//', '//proxy-user:planted%40proxy-password@');
      const env = { DATABRICKS_HOST: host, HTTPS_PROXY, NODE_EXTRA_CA_CERTS: certificate.path };
      const result = await getRun(env, '--debug');
      expect(result.code, result.stdout).to.equal(0);
      expect(new Set(asked)).to.deep.equal(new Set(['CONNECT workspace.test:443']));
      expect(authorizations[0]).to.equal(
        `Basic ${Buffer.from('proxy-user:planted@proxy-password').toString('base64')}`,
      );
      const [request] = workspace.requests;
      expect(request?.headers['proxy-authorization']).to.equal(undefined);
      expect(request?.headers['user-agent']).to.match(
        /^air-cli\/\d+\.\d+\.\d+\S* node\/\d\S* (linux|darwin)$/,
      );
      expect(result.stderr).to.contain(`through ${url}`);
      expect(result.stderr + result.stdout).not.to.contain('proxy-password');
    });

    it('are left aside for the hosts of NO_PROXY, and for this machine', async () => {
      const { url, asked } = await proxied();
      const direct = await getRun({ DATABRICKS_HOST: host, HTTPS_PROXY: url, NO_PROXY: '.test' });
      expect(direct.code).to.equal(6);
      expect(envelopeOf(direct).error?.message).to.contain('its name does not resolve');
      const own = { DATABRICKS_HOST: workspace.url, NODE_EXTRA_CA_CERTS: certificate.path };
      expect((await getRun({ ...own, HTTPS_PROXY: url, HTTP_PROXY: url, ALL_PROXY: url })).code).to.equal(0);
      expect(asked).to.deep.equal([]);
    });

    it('that refuse are named, with the status', async () => {
      const { url } = await proxied({ refuse: 407 });
      const result = await getRun({ DATABRICKS_HOST: host, https_proxy: url });
      expect(result.code).to.equal(7);
      expect(envelopeOf(result).error?.message).to.contain(url).and.to.contain('407');
      expect(envelopeOf(result).error?.hint).to.contain('HTTPS_PROXY');
    });

    it('that are no addresses are refused with an example, and without their password', async () => {
      const HTTPS_PROXY = 'http://proxy-user:planted/pass@word@127.0.0.1:3128';
      const unescaped = await getRun({ DATABRICKS_HOST: host, HTTPS_PROXY }, '--debug');
      expect(unescaped.code).to.equal(2);
      expect(unescaped.stdout + unescaped.stderr).not.to.match(/planted|pass@|word@/);
      const result = await getRun({ DATABRICKS_HOST: host, HTTPS_PROXY: 'socks5://127.0.0.1:1080' });
      expect(result.code).to.equal(2);
      expect(envelopeOf(result).error?.hint).to.contain('HTTPS_PROXY');
    });
  });

  describe('a dead host', () => {
    async function listening(): Promise<{ server: Server; port: number }> {
      const server = createServer((socket) => socket.on('error', () => undefined));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      return { server, port: (server.address() as AddressInfo).port };
    }

    function expectUnreachable(result: CliResult, words: string): void {
      expect(result.code, result.stdout).to.equal(6);
      expect(envelopeOf(result).error).to.include({
        code: 'INTERNAL_ERROR',
        kind: 'TRANSIENT',
        retryable: true,
      });
      expect(envelopeOf(result).error?.message).to.contain(words);
    }

    it('where nothing listens ends the command', async () => {
      const { server, port } = await listening();
      await new Promise((resolve) => server.close(resolve));
      expectUnreachable(await getRun({ DATABRICKS_HOST: `http://127.0.0.1:${port}` }), 'connection refused');
    });

    it('that never answers ends every ordinary command, in words that name host and source', async () => {
      const { server, port } = await listening();
      const host = `http://127.0.0.1:${port}`;
      await Promise.all([
        writeFile(join(home, '.databrickscfg'), `[dev]\nhost = ${host}\ntoken = network-token\n`, {
          mode: 0o600,
        }),
        writeFile(
          join(home, 'train.yaml'),
          'experiment_name: x\ncompute: {accelerator_type: GPU_1xA10, num_accelerators: 1}\ncommand: echo\n',
        ),
      ]);
      const commands = [
        ['list'],
        ['cancel', '--all', '-y'],
        ['run', '-f', join(home, 'train.yaml')],
        ['register-image', 'python'],
        ['logs', '5', '--no-follow'],
      ];
      const results = await Promise.all(
        commands.map((command) => runCli([...command, '-p', 'dev', '-o', 'json'], { env: { HOME: home } })),
      );
      server.close();
      for (const result of results) {
        expectUnreachable(result, `${host}, host of profile dev of ~/.databrickscfg, cannot be reached`);
      }
    });

    it('that never answers ends the command: the host, its TLS, and a proxy before it', async () => {
      const { server, port } = await listening();
      const { url } = await proxied({ refuse: 'silent' });
      const [plain, secure, tunnelled] = await Promise.all([
        getRun({ DATABRICKS_HOST: `http://127.0.0.1:${port}` }),
        getRun({ DATABRICKS_HOST: `https://127.0.0.1:${port}` }),
        getRun({ DATABRICKS_HOST: 'https://workspace.test', HTTPS_PROXY: url }),
      ]);
      server.close();
      expectUnreachable(plain, 'no answer in time');
      expectUnreachable(secure, 'no connection in time');
      expectUnreachable(tunnelled, `no connection in time through the proxy ${url}`);
    });
  });

  describe('without a name server that answers', () => {
    it('is given up after names were asked for in short, the way out being told', async function () {
      if (!canSilenceNames()) this.skip();
      const result = await runWithoutNames(['get', 'run', '5', '-o', 'json'], {
        folder: home,
        env: { HOME: home, DATABRICKS_HOST: 'https://workspace.test', DATABRICKS_TOKEN: 'network-token' },
      });
      expect(result.code, result.stderr).to.equal(6);
      const { error } = envelopeOf(result);
      expect(error).to.include({ code: 'INTERNAL_ERROR', retryable: true });
      expect(error?.message).to.contain('its name does not resolve at the moment');
      // Left to itself the system asks twice, five seconds each, and all the time is gone.
      expect(result.asked).to.be.greaterThan(2);
    });
  });
});
