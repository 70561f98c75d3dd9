import { expect } from 'chai';
import { chmod, mkdir, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { envelopeOf, runCli, type CliResult } from '../support/cli.js';
import { OAuthScripts } from '../support/oauth-server.js';
import {
  apiError,
  scriptedToken,
  startScriptedWorkspace,
  type ScriptedWorkspace,
} from '../support/scripted-workspace.js';

const runsGet = '/api/2.2/jobs/runs/get';
const running = { json: { run_id: 5, state: { life_cycle_state: 'RUNNING' } } };
const succeeded = { json: { run_id: 5, state: { life_cycle_state: 'TERMINATED', result_state: 'SUCCESS' } } };

describe('authentication, command by command', function () {
  this.timeout(60_000);
  let server: ScriptedWorkspace;
  let oauth: OAuthScripts;
  let home: string;
  let configuration: string;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'air-auth-'));
    configuration = join(home, '.databrickscfg');
    oauth = new OAuthScripts();
    server = await startScriptedWorkspace();
    server.script({
      ...oauth.scripts(() => server.url),
      [`GET ${runsGet}`]: oauth.guarded(succeeded),
    });
  });
  afterEach(async () => {
    await server.close();
    await rm(home, { recursive: true, force: true });
  });

  const air = (args: string[], env: NodeJS.ProcessEnv = {}): Promise<CliResult> =>
    runCli(args, { env: { HOME: home, PATH: `${join(home, 'bin')}:${process.env['PATH'] ?? ''}`, ...env } });

  const client = () => ({
    DATABRICKS_HOST: server.url,
    DATABRICKS_CLIENT_ID: oauth.clientId,
    DATABRICKS_CLIENT_SECRET: oauth.clientSecret,
  });

  const profile = (fields: Record<string, string>, mode = 0o600) =>
    writeFile(
      configuration,
      `[dev]\nhost = ${server.url}\n${Object.entries(fields)
        .map(([key, value]) => `${key} = ${value}\n`)
        .join('')}`,
    ).then(() => chmod(configuration, mode));

  it('ends with exit code 4 when nothing is configured, and names the workspace that needs no account', async () => {
    const result = await air(['get', 'run', '5', '-o', 'json']);
    expect(result.code).to.equal(4);
    const { error } = envelopeOf(result);
    expect(error).to.include({ code: 'UNAUTHENTICATED', kind: 'PERMANENT', retryable: false });
    expect(error?.message).to.contain('DATABRICKS_HOST').and.to.contain('.databrickscfg');
    for (const way of ['--local', 'DATABRICKS_HOST', 'DATABRICKS_TOKEN', 'databricks auth login']) {
      expect(error?.hint).to.contain(way);
    }
  });

  it('takes the workspace by the order of the Databricks tools', async () => {
    server.script({ [`GET ${runsGet}`]: succeeded });
    const section = (name: string) => `[${name}]\nhost = ${server.url}\ntoken = of-${name}\n`;
    const sections = ['asked', 'named', 'chosen'].map(section).join('');
    const file = `${sections}[__settings__]\ndefault_profile = chosen\n`;
    const other = join(home, 'other.cfg');
    await Promise.all([
      writeFile(configuration, file, { mode: 0o600 }),
      writeFile(other, section('DEFAULT'), { mode: 0o600 }),
    ]);
    const shell = { DATABRICKS_HOST: server.url, DATABRICKS_TOKEN: 'of-shell' };
    const cases: [string[], NodeJS.ProcessEnv, string][] = [
      [['-p', 'asked'], { DATABRICKS_CONFIG_PROFILE: 'named', ...shell }, 'of-asked'],
      [[], { DATABRICKS_CONFIG_PROFILE: 'named', ...shell }, 'of-named'],
      [[], shell, 'of-shell'],
      [[], {}, 'of-chosen'],
      [[], { DATABRICKS_CONFIG_FILE: other }, 'of-DEFAULT'],
    ];
    for (const [flags, env, token] of cases) {
      const result = await air(['get', 'run', '5', ...flags], env);
      expect(result.code, result.stderr).to.equal(0);
      expect(server.requests.at(-1)?.headers.authorization).to.equal(`Bearer ${token}`);
    }
  });

  it('leads requests to the workspace that the configuration names behind a shared host', async () => {
    server.script({ [`GET ${runsGet}`]: succeeded });
    const routed = () => server.requests.at(-1)?.headers['x-databricks-workspace-id'];
    await profile({ token: scriptedToken, workspace_id: '4242' });
    expect((await air(['get', 'run', '5', '-p', 'dev'])).code).to.equal(0);
    expect(routed()).to.equal('4242');
    const copied = { DATABRICKS_HOST: `${server.url}/?o=77`, DATABRICKS_TOKEN: scriptedToken };
    expect((await air(['get', 'run', '5'], copied)).code).to.equal(0);
    expect(routed()).to.equal('77');
    await profile({ token: scriptedToken });
    expect((await air(['get', 'run', '5', '-p', 'dev'])).code).to.equal(0);
    expect(routed()).to.equal(undefined);
  });

  it('ends with exit code 4 for a wrong token, with profile, host, kind and the next command', async () => {
    await profile({ token: 'planted-wrong-token' });
    const result = await air(['get', 'run', '5', '-p', 'dev']);
    expect(result.code).to.equal(4);
    expect(result.stdout).to.equal('');
    expect(result.stderr).to.contain(server.url).and.to.contain('profile dev of ~/.databrickscfg (pat)');
    expect(result.stderr).to.contain(`databricks auth login --host ${server.url} --profile dev`);
    expect(result.stderr).not.to.contain('planted-wrong-token');
    expect(server.sent(`GET ${runsGet}`)).to.have.length(1);
  });

  it('ends every command with exit code 4 in the same words, whichever request is refused first', async () => {
    await profile({ token: 'planted-wrong-token' });
    const workload = join(home, 'train.yaml');
    await writeFile(
      workload,
      'experiment_name: x\ncompute: {accelerator_type: GPU_1xA10, num_accelerators: 1}\ncommand: echo\n',
    );
    const commands = [
      ['list'],
      ['list', '--all-status', '--all-users'],
      ['cancel', '--all', '-y'],
      ['wait', '5'],
      ['logs', '5', '--no-follow'],
      ['run', '-f', workload],
      ['register-image', 'python'],
    ];
    const refused = apiError(401, 'UNAUTHENTICATED', 'Token expired');
    for (const slow of ['me', 'others']) {
      server.script({
        'GET /api/2.0/preview/scim/v2/Me': { ...refused, delay: slow === 'me' ? 300 : 0 },
        [`GET ${runsGet}`]: { ...refused, delay: slow === 'me' ? 0 : 300 },
        'GET /api/*': { ...refused, delay: slow === 'me' ? 0 : 300 },
        'POST /api/*': { ...refused, delay: slow === 'me' ? 0 : 300 },
      });
      const results = await Promise.all(commands.map((command) => air([...command, '-p', 'dev'])));
      for (const [at, { code, stdout, stderr }] of results.entries()) {
        const name = commands[at]?.join(' ') ?? '';
        expect(code, `${name}: ${stderr}`).to.equal(4);
        expect(stdout, name).to.equal('');
        expect(stderr, name).to.contain(
          `${server.url} did not accept the credentials of profile dev of ~/.databrickscfg (pat): Token expired.`,
        );
        expect(stderr, name).to.contain(`databricks auth login --host ${server.url} --profile dev`);
      }
    }
  });

  it('names the nearest profile for one that does not exist', async () => {
    await profile({ token: scriptedToken });
    const result = await air(['get', 'run', '5', '--profile', 'devv', '-o', 'json']);
    expect(result.code).to.equal(4);
    expect(envelopeOf(result).error?.message).to.contain('"devv"').and.to.contain('~/.databrickscfg');
    expect(envelopeOf(result).error?.hint).to.contain('--profile dev');
  });

  it('ends with exit code 6 when the login server is down', async () => {
    server.script({ 'POST /oidc/v1/token': apiError(500, 'INTERNAL_ERROR', 'down') });
    const result = await air(['get', 'run', '5', '-o', 'json'], client());
    expect(result.code).to.equal(6);
    expect(envelopeOf(result).error).to.include({ kind: 'TRANSIENT', retryable: true });
    expect(server.sent(`GET ${runsGet}`)).to.have.length(0);
  });

  it('logs a client in once for several commands; the token lies where only its owner can read', async () => {
    for (const _ of [1, 2]) expect((await air(['get', 'run', '5'], client())).code).to.equal(0);
    expect(oauth.issued).to.equal(1);
    const folder = join(home, '.cache', 'air', 'tokens');
    const files = await readdir(folder);
    expect(files).to.have.length(1);
    expect((await stat(folder)).mode & 0o777).to.equal(0o700);
    expect((await stat(join(folder, files[0] ?? ''))).mode & 0o777).to.equal(0o600);
  });

  it('renews a token that dies in mid-command, and nobody notices', async () => {
    server.script({
      [`GET ${runsGet}`]: oauth.guarded((_, call) => {
        if (call > 1) return succeeded;
        oauth.revokeAll();
        return running;
      }),
    });
    const result = await air(['wait', '5'], client());
    expect(result.code, result.stderr).to.equal(0);
    expect(result.stdout + result.stderr).not.to.match(/token|401|refused/i);
    expect(oauth.issued).to.equal(2);
  });

  it('ends with exit code 4 when the client is revoked in mid-command', async () => {
    server.script({
      [`GET ${runsGet}`]: oauth.guarded(() => {
        oauth.revokeAll();
        oauth.closed = true;
        return running;
      }),
    });
    const result = await air(['wait', '5', '-o', 'json'], client());
    expect(result.code).to.equal(4);
    const { error } = envelopeOf(result);
    expect(error).to.include({ code: 'UNAUTHENTICATED', retryable: false });
    expect(error?.message).to.contain(oauth.clientId);
    expect(result.stdout + result.stderr).not.to.contain(oauth.clientSecret);
  });

  it('asks the Databricks CLI, and passes on that it wants a new login', async () => {
    await profile({ auth_type: 'databricks-cli' });
    await mkdir(join(home, 'bin'));
    const databricks = (script: string) =>
      writeFile(join(home, 'bin', 'databricks'), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    server.script({
      [`GET ${runsGet}`]: ({ headers }) =>
        headers.authorization === 'Bearer planted-cli-token'
          ? succeeded
          : apiError(401, 'UNAUTHENTICATED', 'no'),
    });
    await databricks(
      `echo '{"access_token": "planted-cli-token", "token_type": "Bearer", "expiry": "2100-01-01T00:00:00Z"}'`,
    );
    expect((await air(['get', 'run', '5', '-p', 'dev'])).code).to.equal(0);
    await databricks(
      'echo "Error: a new access token could not be retrieved: refresh token is invalid" >&2; exit 1',
    );
    const result = await air(['get', 'run', '5', '-p', 'dev', '-o', 'json']);
    expect(result.code).to.equal(4);
    expect(envelopeOf(result).error?.hint).to.contain('databricks auth login').and.to.contain('dev');
  });

  it('warns of a configuration that others can read: on stderr, in data.warnings with JSON', async () => {
    server.script({ [`GET ${runsGet}`]: succeeded });
    await profile({ token: scriptedToken }, 0o644);
    const text = await air(['get', 'run', '5', '-p', 'dev']);
    expect(text.code, text.stderr).to.equal(0);
    expect(text.stderr).to.contain('chmod 600');
    const json = await air(['get', 'run', '5', '-p', 'dev', '-o', 'json']);
    expect(json.stderr).to.equal('');
    expect(JSON.stringify(envelopeOf(json).data?.['warnings'])).to.contain('chmod 600');
    await chmod(configuration, 0o600);
    expect((await air(['get', 'run', '5', '-p', 'dev'])).stderr).not.to.contain('chmod');
  });
});
