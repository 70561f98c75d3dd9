import { expect } from 'chai';
import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AirError } from '../../../src/lib/errors.js';
import { systemClock, type Context } from '../../../src/lib/io.js';
import { fieldVariables } from '../../../src/lib/workspace/auth/configuration.js';
import { kinds } from '../../../src/lib/workspace/auth/credentials.js';
import { resolveTarget } from '../../../src/lib/workspace/auth/index.js';
import { describeTarget, Workspace } from '../../../src/lib/workspace/index.js';
import { OAuthScripts } from '../../support/oauth-server.js';
import {
  apiError,
  scimMe,
  startScriptedWorkspace,
  type ScriptedWorkspace,
} from '../../support/scripted-workspace.js';

describe('credentials', () => {
  let server: ScriptedWorkspace;
  let oauth: OAuthScripts;
  let home: string;
  let now: number;
  let written: string[];

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'air-auth-'));
    oauth = new OAuthScripts();
    now = Date.parse('2026-01-02T03:04:05Z');
    written = [];
    server = await startScriptedWorkspace();
    server.script({
      ...oauth.scripts(() => server.url),
      'GET /api/x': oauth.guarded({ json: { ok: 1 } }),
      'GET /api/2.0/preview/scim/v2/Me': oauth.guarded(scimMe()),
    });
  });
  afterEach(async () => {
    await server.close();
    await rm(home, { recursive: true, force: true });
  });

  function context(): Context {
    const output = { write: (text: string) => void written.push(text), isTTY: false, columns: undefined };
    return {
      io: { stdout: output, stderr: output, stdin: process.stdin },
      clock: { now: () => now, sleep: (_, signal) => systemClock.sleep(1, signal) },
      signal: new AbortController().signal,
    };
  }

  async function open(env: NodeJS.ProcessEnv, profile?: string): Promise<Workspace> {
    const transport = { userAgent: 'air-test/1', trace: (line: string) => void written.push(line) };
    const target = await resolveTarget({
      profile,
      env: { PATH: `${join(home, 'bin')}:${process.env['PATH'] ?? ''}`, ...env },
      homeDirectory: home,
      cacheDirectory: join(home, 'cache'),
      context: context(),
      transport,
      warn: ({ message }) => written.push(message),
    });
    return new Workspace(target, context(), transport);
  }

  const machine = () => ({
    DATABRICKS_HOST: server.url,
    DATABRICKS_CLIENT_ID: oauth.clientId,
    DATABRICKS_CLIENT_SECRET: oauth.clientSecret,
  });

  async function failure(promise: Promise<unknown>): Promise<AirError> {
    const thrown = await promise.then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(thrown).to.be.instanceOf(AirError);
    return thrown as AirError;
  }

  /** Puts a program of this name first on the PATH. */
  async function program(name: string, script: string): Promise<void> {
    const { mkdir } = await import('node:fs/promises');
    await mkdir(join(home, 'bin'), { recursive: true });
    await writeFile(join(home, 'bin', name), `#!/bin/sh\n${script}\n`);
    await chmod(join(home, 'bin', name), 0o755);
  }

  describe('OAuth machine-to-machine', () => {
    it('logs in once for fifty requests at once', async () => {
      const { http } = await open(machine());
      await Promise.all(Array.from({ length: 50 }, () => http.get('/api/x')));
      expect(oauth.issued).to.equal(1);
      const [login] = server.sent('POST /oidc/v1/token');
      expect(login?.body.toString()).to.equal('grant_type=client_credentials&scope=all-apis');
      expect(login?.headers.authorization).to.match(/^Basic /);
    });

    it('renews once for fifty requests whose token died, and none of them notices', async () => {
      const { http } = await open(machine());
      await http.get('/api/x');
      oauth.revokeAll();
      const answers = await Promise.all(Array.from({ length: 50 }, () => http.get('/api/x')));
      expect(answers).to.have.length(50);
      expect(oauth.issued).to.equal(2);
    });

    it('renews before the end of a token', async () => {
      const { http } = await open(machine());
      await http.get('/api/x');
      now += 54 * 60_000;
      await http.get('/api/x');
      expect(oauth.issued).to.equal(1);
      now += 2 * 60_000;
      await http.get('/api/x');
      expect(oauth.issued).to.equal(2);
    });

    it('goes on with a token that still lives when its renewal fails for the moment', async () => {
      const { http } = await open(machine());
      await http.get('/api/x');
      now += 56 * 60_000;
      server.script({ 'POST /oidc/v1/token': apiError(500, 'X', 'down') });
      expect(await http.get('/api/x')).to.deep.equal({ ok: 1 });
    });

    it('ends as UNAUTHENTICATED with exit code 4 when the client is revoked in mid-command', async () => {
      const { http } = await open(machine());
      await http.get('/api/x');
      oauth.revokeAll();
      oauth.closed = true;
      const error = await failure(http.get('/api/x'));
      expect(error).to.include({ code: 'UNAUTHENTICATED', kind: 'PERMANENT', retryable: false, exitCode: 4 });
      expect(error.message)
        .to.contain('invalid_client')
        .and.to.contain(`client ${oauth.clientId} of the environment`)
        .and.to.contain(server.url)
        .and.to.not.contain(oauth.clientSecret);
    });

    it('ends with exit code 4 when the server refuses every new token too', async () => {
      const { http } = await open(machine());
      server.script({ 'GET /api/x': apiError(401, 'UNAUTHENTICATED', 'No') });
      expect(await failure(http.get('/api/x'))).to.include({ code: 'UNAUTHENTICATED', exitCode: 4 });
      expect(server.sent('GET /api/x')).to.have.length(2);
    });

    it('calls a login server that is down transient', async () => {
      server.script({ 'POST /oidc/v1/token': apiError(503, 'X', 'down', { 'retry-after': '999' }) });
      const { http } = await open(machine());
      expect(await failure(http.get('/api/x'))).to.include({
        code: 'INTERNAL_ERROR',
        kind: 'TRANSIENT',
        exitCode: 6,
      });
    });

    it('keeps the token for the next command, in a file of 0600 in a folder of 0700', async () => {
      await (await open(machine())).http.get('/api/x');
      await (await open(machine())).http.get('/api/x');
      expect(oauth.issued).to.equal(1);
      const folder = join(home, 'cache', 'tokens');
      const files = await readdir(folder);
      expect(files).to.have.length(1);
      expect((await stat(folder)).mode & 0o777).to.equal(0o700);
      expect((await stat(join(folder, files[0]!))).mode & 0o777).to.equal(0o600);
      expect(await readFile(join(folder, files[0]!), 'utf8')).to.not.contain(oauth.clientSecret);
    });

    it('believes neither a cache that others can write nor the token of another secret', async () => {
      await (await open(machine())).http.get('/api/x');
      const folder = join(home, 'cache', 'tokens');
      await chmod(join(folder, (await readdir(folder))[0]!), 0o644);
      await (await open(machine())).http.get('/api/x');
      expect(oauth.issued).to.equal(2);
      const wrong = await open({ ...machine(), DATABRICKS_CLIENT_SECRET: 'planted-wrong-secret' });
      expect((await failure(wrong.http.get('/api/x'))).code).to.equal('UNAUTHENTICATED');
    });

    it('sends the secret to no endpoint without TLS, and to the usual one when there is no discovery', async () => {
      server.script({
        'GET /oidc/.well-known/openid-configuration': {
          json: { token_endpoint: 'http://evil.example.com/token' },
        },
      });
      await (await open(machine())).http.get('/api/x');
      server.script({ 'GET /oidc/.well-known/openid-configuration': { status: 404 } });
      await rm(join(home, 'cache'), { recursive: true });
      await (await open(machine())).http.get('/api/x');
      expect(server.sent('POST /oidc/v1/token')).to.have.length(2);
    });
  });

  describe('Databricks CLI', () => {
    const profile = () =>
      writeFile(join(home, '.databrickscfg'), `[dev]\nhost = ${server.url}\nauth_type = databricks-cli\n`);

    it('takes the token that "databricks auth token" prints, and asks it once', async () => {
      await profile();
      server.script({ 'GET /api/x': { json: { ok: 1 } } });
      await program(
        'databricks',
        `echo "$@" >> ${home}/argv; env | grep '^DATABRICKS' >> ${home}/env
echo '{"access_token":"planted-cli-token","token_type":"Bearer","expiry":"2026-01-02T04:04:05.5Z"}'`,
      );
      const { http, target } = await open(
        { DATABRICKS_CONFIG_FILE: join(home, '.databrickscfg'), DATABRICKS_TOKEN: 'planted-env' },
        'dev',
      );
      await Promise.all([http.get('/api/x'), http.get('/api/x')]);
      expect(target.credentials.kind).to.equal('databricks-cli');
      expect(server.requests[0]?.headers.authorization).to.equal('Bearer planted-cli-token');
      expect(await readFile(join(home, 'argv'), 'utf8')).to.equal('auth token --profile dev --output json\n');
      expect(await readFile(join(home, 'env'), 'utf8')).to.equal(
        `DATABRICKS_CONFIG_FILE=${home}/.databrickscfg\n`,
      );
    });

    it('asks by host when only the host is known', async () => {
      server.script({ 'GET /api/x': { json: { ok: 1 } } });
      await program('databricks', `echo "$@" > ${home}/argv; echo '{"access_token":"t"}'`);
      await (await open({ DATABRICKS_HOST: server.url })).http.get('/api/x');
      expect(await readFile(join(home, 'argv'), 'utf8')).to.equal(
        `auth token --host ${server.url} --output json\n`,
      );
    });

    it('says what to install when the program is missing', async () => {
      await profile();
      const { http } = await open({ PATH: join(home, 'nowhere') }, 'dev');
      const error = await failure(http.get('/api/x'));
      expect(error).to.include({ code: 'UNAUTHENTICATED', exitCode: 4 });
      expect(error.message).to.contain('there is no program "databricks"').and.to.contain('profile dev');
      expect(error.hint).to.contain(`databricks auth login --host ${server.url} --profile dev`);
    });

    it('asks for a token first where nothing but a host is set', async () => {
      const host = { DATABRICKS_HOST: server.url };
      const login = `databricks auth login --host ${server.url}`;
      const missing = await failure(
        (await open({ ...host, PATH: join(home, 'nowhere') })).http.get('/api/x'),
      );
      expect(missing).to.include({ code: 'UNAUTHENTICATED', exitCode: 4 });
      expect(missing.message).to.match(/^DATABRICKS_HOST is set, but no token, .*no program "databricks"/);
      expect(missing.hint)
        .to.match(/^Set DATABRICKS_TOKEN\. Or install /)
        .and.to.contain(login);
      await program('databricks', 'echo "Error: no cached login" >&2; exit 1');
      const refused = await failure((await open(host)).http.get('/api/x'));
      expect(refused.message).to.equal(
        'DATABRICKS_HOST is set, but no token, and the Databricks CLI gave none: no cached login.',
      );
      expect(refused.hint).to.equal(`Set DATABRICKS_TOKEN. Or log in: ${login}`);
    });

    it('passes on that a new login is needed, and how', async () => {
      await profile();
      await program(
        'databricks',
        'echo "Error: cannot get access token: refresh token is invalid (Bearer planted-refresh)" >&2; exit 1',
      );
      const error = await failure((await open({}, 'dev')).http.get('/api/x'));
      expect(error).to.include({ code: 'UNAUTHENTICATED', retryable: false, exitCode: 4 });
      expect(error.message).to.contain('refresh token is invalid').and.to.not.contain('planted');
      expect(error.hint).to.contain('databricks auth login');
    });

    it('tells a network failure of the program from a refused login', async () => {
      await profile();
      await program('databricks', 'echo "Error: dial tcp: lookup x: no such host" >&2; exit 1');
      expect(await failure((await open({}, 'dev')).http.get('/api/x'))).to.include({
        kind: 'TRANSIENT',
        exitCode: 6,
      });
    });

    it('knows a CLI that is too old, and an answer that is none', async () => {
      await profile();
      await program('databricks', 'echo "Error: No such command \\"auth\\"." >&2; exit 2');
      expect((await failure((await open({}, 'dev')).http.get('/api/x'))).message).to.contain('too old');
      await program('databricks', 'echo "{}"');
      expect((await failure((await open({}, 'dev')).http.get('/api/x'))).message).to.contain(
        'no readable token',
      );
    });

    it('ends with exit code 4 when the same refused token comes again', async () => {
      await profile();
      await program('databricks', `echo '{"access_token":"planted-cli-token"}'`);
      server.script({ 'GET /api/x': apiError(401, 'UNAUTHENTICATED', 'revoked') });
      const error = await failure((await open({}, 'dev')).http.get('/api/x'));
      expect(error).to.include({ code: 'UNAUTHENTICATED', exitCode: 4 });
      expect(server.sent('GET /api/x')).to.have.length(1);
      expect(error.hint).to.contain('databricks auth login');
    });
  });

  describe('Azure', () => {
    it('logs a service principal in at the authority that AZURE_AUTHORITY_HOST names', async () => {
      const { http, target } = await open({
        DATABRICKS_HOST: server.url,
        ARM_CLIENT_ID: oauth.clientId,
        ARM_CLIENT_SECRET: oauth.clientSecret,
        ARM_TENANT_ID: 'tenant-1',
        AZURE_AUTHORITY_HOST: server.url,
      });
      expect(await http.get('/api/x')).to.deep.equal({ ok: 1 });
      expect(target.credentials.kind).to.equal('azure-client-secret');
      const form = new URLSearchParams(server.sent('POST /tenant-1*')[0]?.body.toString());
      expect(form.get('scope')).to.equal('2ff814a6-3304-4ab8-85cb-cd0e6f879c1d/.default');
    });

    it('takes the token of the Azure CLI', async () => {
      server.script({ 'GET /api/x': { json: { ok: 1 } } });
      await program(
        'az',
        `echo "$@" > ${home}/argv; echo '{"accessToken":"planted-az","expires_on":1767326645}'`,
      );
      const { http } = await open({
        DATABRICKS_HOST: server.url,
        DATABRICKS_AUTH_TYPE: 'azure-cli',
        ARM_TENANT_ID: 't-9',
      });
      await http.get('/api/x');
      expect(server.requests[0]?.headers.authorization).to.equal('Bearer planted-az');
      expect(await readFile(join(home, 'argv'), 'utf8')).to.equal(
        'account get-access-token --resource 2ff814a6-3304-4ab8-85cb-cd0e6f879c1d --output json --tenant t-9\n',
      );
    });

    it('says "az login" when the Azure CLI has no login, and what to install when it is missing', async () => {
      const env = { DATABRICKS_HOST: server.url, DATABRICKS_AUTH_TYPE: 'azure-cli' };
      await program('az', `echo "ERROR: Please run 'az login' to setup account." >&2; exit 1`);
      expect((await failure((await open(env)).http.get('/api/x'))).hint).to.equal('Log in: az login');
      const missing = await failure((await open({ ...env, PATH: join(home, 'nowhere') })).http.get('/api/x'));
      expect(missing).to.include({ code: 'UNAUTHENTICATED', exitCode: 4 });
      expect(missing.hint).to.contain('az login');
    });

    it('tries both logins of an Azure workspace and tells both failures', async () => {
      const env = { DATABRICKS_HOST: 'https://adb-1.2.azuredatabricks.net', PATH: join(home, 'nowhere') };
      const error = await failure((await open(env)).http.get('/api/x'));
      expect(error.message).to.contain('"databricks"').and.to.contain('"az"');
    });
  });

  describe('the choice of a kind', () => {
    it('follows auth_type, and says which fields it lacks', async () => {
      const error = await failure(
        open({ DATABRICKS_HOST: server.url, DATABRICKS_AUTH_TYPE: 'oauth-m2m', DATABRICKS_CLIENT_ID: 'a' }),
      );
      expect(error).to.include({ code: 'UNAUTHENTICATED', exitCode: 4 });
      expect(error.message)
        .to.contain('client_secret (DATABRICKS_CLIENT_SECRET)')
        .and.to.not.contain('client_id');
    });

    it('refuses an auth_type it does not know, also one named like a built-in property', async () => {
      for (const name of ['metadata-service', 'constructor']) {
        const error = await failure(open({ DATABRICKS_HOST: server.url, DATABRICKS_AUTH_TYPE: name }));
        expect(error.code).to.equal('UNAUTHENTICATED');
        expect(error.hint).to.contain('oauth-m2m');
      }
    });

    it('says that half a client is no client', async () => {
      const error = await failure(open({ DATABRICKS_HOST: server.url, DATABRICKS_CLIENT_ID: 'a' }));
      expect(error.message).to.contain('client_secret');
    });

    it('warns of an address without encryption', async () => {
      await open({ DATABRICKS_HOST: 'http://dbc-1.example.com', DATABRICKS_TOKEN: 't' });
      expect(written.join()).to.contain('not encrypted');
    });
  });

  it('is described with every kind, field and variable', async () => {
    const page = await readFile(new URL('../../../docs/authentication.md', import.meta.url), 'utf8');
    const rows = [...page.matchAll(/^\| `([^`]+)` +\| (.+?) +\|/gm)].map(([, name, rest]) => [name, rest]);
    const needs = Object.entries(kinds).map(([kind, { needs }]) => [
      kind,
      needs.map((field) => `\`${field}\``).join(', ') ||
        `the ${kind === 'azure-cli' ? 'Azure' : 'Databricks'} CLI`,
    ]);
    const variables = Object.entries(fieldVariables).map(([field, variable]) => [field, `\`${variable}\``]);
    expect(rows).to.deep.equal([...needs, ...variables]);
  });

  it('describes the target in one line', async () => {
    const { target } = await open({ DATABRICKS_HOST: server.url, DATABRICKS_TOKEN: 't' });
    expect(describeTarget({ ...target, profile: 'dev' }, 'a@x')).to.equal(
      `${server.url} as a@x (profile dev)`,
    );
    expect(describeTarget(target, null)).to.equal(`${server.url} (environment)`);
  });

  it('writes no secret into traces, warnings or errors', async () => {
    const { http } = await open(machine());
    await http.get('/api/x');
    oauth.revokeAll();
    oauth.closed = true;
    const error = await failure(http.get('/api/x'));
    const everything = [...written, error.message, error.hint, error.stack].join('\n');
    expect(written.length).to.be.greaterThan(5);
    expect(everything).to.not.match(/planted|Basic [A-Za-z0-9+/]{8}/);
  });
});
