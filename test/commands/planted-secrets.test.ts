import { expect } from 'chai';
import { execFile, execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { runCli, type CliOptions, type CliResult } from '../support/cli.js';
import { CommandLineWatch, formsOf, holdersIn } from '../support/disclosure.js';
import { startLaunchWorkspace, type LaunchWorkspace } from '../support/launch-workspace.js';
import { OAuthScripts } from '../support/oauth-server.js';
import { apiError } from '../support/scripted-workspace.js';
import { hasTerminals, typeAtTerminal } from '../support/terminal.js';

const planted = (what: string) => `planted-${what}-${randomUUID().slice(0, 13)}`;
const images = '/api/2.0/ai-compute-manager/images';

/** Runs what handles secrets, and searches everything that it leaves behind. */
describe('planted secrets', function () {
  this.timeout(180_000);
  const secrets = {
    stored: planted('stored'),
    shell: planted('shell'),
    token: planted('token'),
    client: planted('client'),
    registry: planted('registry'),
    helper: planted('helper'),
    override: planted('override'),
    git: planted('git'),
    cli: planted('cli'),
    azure: planted('azure'),
    typed: planted('typed'),
    proxy: planted('proxy'),
    cookie: planted('cookie'),
    access: 'planted-access-token-1',
  };
  const all = Object.values(secrets);
  let home: string;
  let workspace: LaunchWorkspace;
  let watch: CommandLineWatch;
  const typed = new Set<number | undefined>();
  const said: { command: string; result: CliResult }[] = [];

  const surroundings = () => ({
    HOME: home,
    TMPDIR: join(home, 'tmp'),
    PATH: `${join(home, 'bin')}:${process.env['PATH'] ?? ''}`,
  });

  async function air(
    args: string[],
    env: NodeJS.ProcessEnv = {},
    options: CliOptions = {},
  ): Promise<CliResult> {
    const result = await runCli(args, {
      ...options,
      env: { ...surroundings(), ...env },
      onStart: ({ pid }) => typed.add(pid),
    });
    said.push({ command: args.join(' '), result });
    return result;
  }

  const workload = (name: string, ...more: string[]) =>
    writeFile(
      join(home, name),
      [
        'experiment_name: planted',
        'compute: {accelerator_type: GPU_1xA10, num_accelerators: 1}',
        ...more,
      ].join('\n'),
    );

  async function program(name: string, script: string): Promise<void> {
    await writeFile(join(home, 'bin', name), `#!/bin/sh\nsleep 0.2\n${script}\n`, { mode: 0o755 });
  }

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'air-planted-'));
    await Promise.all(['bin', 'tmp'].map((name) => mkdir(join(home, name))));
    workspace = await startLaunchWorkspace();
    watch = new CommandLineWatch(all, typed);
  });
  after(async () => {
    watch.stop();
    await runCli(['local', 'stop'], { env: { HOME: home } });
    await workspace.server.close();
    await rm(home, { recursive: true, force: true });
  });

  it('a run on this machine uses a stored secret', async () => {
    const shell = { WANDB_API_KEY: secrets.shell, DATABRICKS_TOKEN: secrets.token };
    expect(
      (await air(['local', 'secrets', 'put', 'team', 'key'], shell, { input: secrets.stored })).code,
    ).to.equal(0);
    await workload(
      'local.yaml',
      'secrets: {KEY: team/key}',
      `command: sleep 1; test \${#KEY} = ${secrets.stored.length}`,
    );
    const file = join(home, 'local.yaml');
    expect((await air(['run', '-f', file, '--local', '--watch', '--debug'], shell)).code).to.equal(0);
    expect((await air(['list', '--local', '--all-status', '-o', 'json', '--debug'], shell)).code).to.equal(0);
  });

  it('a submission carries code from a repository whose remote has a password, and an override', async () => {
    const code = join(home, 'code');
    await mkdir(code);
    await writeFile(join(code, 'train.py'), 'print(1)\n');
    const git = (...args: string[]) => execFileSync('git', ['-C', code, ...args], { stdio: 'ignore' });
    git('init');
    git('remote', 'add', 'origin', `https://user:${secrets.git}@git.example.com/team/code.git`);
    git('add', '.');
    git('-c', 'user.name=t', '-c', 'user.email=t@example.com', 'commit', '-m', 'one');
    await workload('code.yaml', 'code_source: {root_path: code}', 'command: python train.py');
    const file = join(home, 'code.yaml');
    const override = `env_variables.MY_TOKEN=${secrets.override}`;
    const env = { DATABRICKS_HOST: workspace.server.url, DATABRICKS_TOKEN: secrets.token };
    expect((await air(['run', '-f', file, '--debug', '--override', override], env)).code).to.equal(0);
    const dry = ['run', '-f', file, '--dry-run', '--override', override];
    expect((await air(dry, env)).code).to.equal(0);
    expect((await air([...dry, '-o', 'json'], env)).code).to.equal(0);
    const uploaded = Buffer.concat(workspace.server.requests.map(({ body }) => body));
    expect(formsOf(secrets.git).some((form) => uploaded.includes(form))).to.equal(false);
  });

  it('an image is registered with logins of this machine', async () => {
    await mkdir(join(home, '.docker'));
    await writeFile(
      join(home, '.docker', 'config.json'),
      JSON.stringify({
        auths: { 'a.example.com': { auth: Buffer.from(`me:${secrets.registry}`).toString('base64') } },
        credHelpers: { 'b.example.com': 'planted' },
      }),
    );
    await program('docker-credential-planted', `echo '{"Username":"me","Secret":"${secrets.helper}"}'`);
    workspace.server.script({
      [`GET ${images}:get`]: { json: { state: 'AVAILABLE' } },
      [`GET ${images}:checkImageAccess`]: { json: { publicly_accessible: false } },
      [`POST ${images}`]: apiError(403, 'PERMISSION_DENIED', `me:${secrets.token} was denied`),
      'GET /api/2.0/secrets/scopes/list': { json: {} },
      'POST /api/2.0/secrets/scopes/create': { json: {} },
      'POST /api/2.0/secrets/put': { json: {} },
    });
    const env = { DATABRICKS_HOST: workspace.server.url, DATABRICKS_TOKEN: secrets.token };
    for (const registry of ['a.example.com', 'b.example.com']) {
      expect((await air(['register-image', `${registry}/x`, '--debug'], env)).code).to.equal(7);
    }
    expect(workspace.server.sent('POST /api/2.0/secrets/put')).to.have.length(2);
  });

  it('a login is typed at a terminal', async function () {
    if (!hasTerminals()) this.skip();
    const env = { DATABRICKS_HOST: workspace.server.url, DATABRICKS_TOKEN: secrets.token };
    const command = ['register-image', 'c.example.com/x', '-i', '--debug'];
    const { code, written } = await typeAtTerminal(command, { ...surroundings(), ...env }, [
      ['User', 'me\r'],
      ['Password', `${secrets.typed}\r`],
    ]);
    expect(code, written).to.equal(7);
    const result = { code, signal: null, stdout: written, stderr: '' };
    said.push({ command: command.join(' '), result });
    expect(workspace.server.sent('POST /api/2.0/secrets/put')).to.have.length(3);
  });

  it('a client logs in, and every kind of authentication is refused by a server that repeats what it got', async () => {
    const oauth = new OAuthScripts();
    const host = { DATABRICKS_HOST: workspace.server.url };
    workspace.server.script({
      ...oauth.scripts(() => workspace.server.url),
      'GET /api/2.2/jobs/runs/get': oauth.guarded({ json: { run_id: 5, state: {} } }),
    });
    const client = { DATABRICKS_CLIENT_ID: oauth.clientId, DATABRICKS_CLIENT_SECRET: oauth.clientSecret };
    expect((await air(['get', 'run', '5', '--debug'], { ...host, ...client })).code).to.equal(0);
    workspace.server.script({
      'POST /oidc/v1/token': ({ body }) => ({
        status: 401,
        json: {
          error: 'invalid_client',
          error_description: `no client has ${secrets.client} (${body.toString()})`,
        },
      }),
      'POST /tenant-1/oauth2/v2.0/token': ({ body }) => ({
        status: 401,
        json: { error: 'invalid_client', error_description: `refused: ${secrets.client} ${body.toString()}` },
      }),
      'GET /api/2.2/jobs/runs/get': ({ headers }) =>
        apiError(401, 'UNAUTHENTICATED', `${headers.authorization} is not valid`, {
          'set-cookie': `session=${secrets.cookie}`,
        }),
    });
    await program(
      'databricks',
      `echo '{"access_token": "${secrets.cli}", "token_type": "Bearer", "expiry": "2100-01-01T00:00:00Z"}'`,
    );
    await program('az', `echo '{"accessToken": "${secrets.azure}", "expires_on": 4102444800}'`);
    const kinds: NodeJS.ProcessEnv[] = [
      { DATABRICKS_TOKEN: secrets.token },
      { DATABRICKS_CLIENT_ID: oauth.clientId, DATABRICKS_CLIENT_SECRET: secrets.client },
      { DATABRICKS_AUTH_TYPE: 'databricks-cli' },
      { DATABRICKS_AUTH_TYPE: 'azure-cli' },
      {
        DATABRICKS_AUTH_TYPE: 'azure-client-secret',
        ARM_CLIENT_ID: oauth.clientId,
        ARM_CLIENT_SECRET: secrets.client,
        ARM_TENANT_ID: 'tenant-1',
        AZURE_AUTHORITY_HOST: workspace.server.url,
      },
    ];
    for (const kind of kinds) {
      for (const more of [[], ['-o', 'json']]) {
        const { code, stderr } = await air(['get', 'run', '5', '--debug', ...more], { ...host, ...kind });
        expect(code, stderr).to.equal(4);
      }
    }
  });

  it('a proxy that wants a password cannot be reached', async () => {
    const env = { DATABRICKS_HOST: 'https://workspace.invalid', DATABRICKS_TOKEN: secrets.token };
    for (const HTTPS_PROXY of [
      `http://me:${secrets.proxy}@127.0.0.1:1`,
      `http://me:/${secrets.proxy}@host`,
    ]) {
      expect((await air(['get', 'run', '5', '--debug'], { ...env, HTTPS_PROXY })).code).to.be.oneOf([2, 6]);
    }
  });

  it('none of them was shown', () => {
    for (const { command, result } of said) {
      for (const secret of all) {
        for (const form of formsOf(secret)) {
          expect(`${result.stdout}${result.stderr}`, command.split(' --override')[0]).not.to.contain(form);
        }
      }
    }
  });

  it('none of them stood on the command line of a child', () => {
    expect([...watch.seen]).to.deep.equal([]);
  });

  it('those that must be kept lie in files that only their owner can read', async () => {
    const holders = (
      await Promise.all(
        ['.local', '.cache', '.config', 'tmp'].map((name) => holdersIn(join(home, name), all)),
      )
    ).flat();
    expect(holders.filter(({ mode }) => (mode & 0o077) !== 0)).to.deep.equal([]);
    const keepers = [
      /^share\/air\/local\/secrets\.json$/,
      /^share\/air\/local\/runs\/\d+\/attempt_\d+\/spec\.json$/,
      /^air\/tokens\/[0-9a-f]{64}\.json$/,
    ];
    for (const keeper of keepers)
      expect(
        holders.some(({ path }) => keeper.test(path)),
        String(keeper),
      ).to.equal(true);
    expect(holders.filter(({ path }) => !keepers.some((keeper) => keeper.test(path)))).to.deep.equal([]);
  });

  it('a search finds what is there', async () => {
    const probe = planted('probe');
    const search = new CommandLineWatch([probe], new Set());
    await promisify(execFile)('sh', ['-c', 'sleep 0.5; true', 'sh', probe]);
    search.stop();
    if (process.platform === 'linux') expect([...search.seen].join()).to.contain(probe);
    await writeFile(join(home, 'probe'), Buffer.concat([Buffer.from([0, 255]), Buffer.from(probe)]));
    expect((await holdersIn(home, [probe])).map(({ path }) => path)).to.deep.equal(['probe']);
  });
});
