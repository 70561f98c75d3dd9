import { expect } from 'chai';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { envelopeOf, runCli, type CliResult } from '../support/cli.js';
import { startScriptedUser, type ScriptedUser } from '../support/scripted-user.js';
import { apiError, scimMe, scriptedToken } from '../support/scripted-workspace.js';

const base = '/api/2.0/ai-compute-manager/images';
const digest = `sha256:${'ab'.repeat(32)}`;
const secrets = '/api/2.0/secrets';
const notRegistered = apiError(404, 'RESOURCE_DOES_NOT_EXIST', 'no such image');
const available = { json: { state: 'AVAILABLE', manifest_sha256: digest } };
const login = 'planted-user:planted-registry-password';

describe('register-image', () => {
  let user: ScriptedUser;

  beforeEach(async () => {
    user = await startScriptedUser({
      'GET /api/2.0/preview/scim/v2/Me': scimMe(),
      [`GET ${base}:get`]: [notRegistered, available],
      [`POST ${base}`]: { json: { image: { state: 'AVAILABLE', manifest_sha256: digest } } },
      [`GET ${base}:checkImageAccess`]: { json: { publicly_accessible: false } },
      [`GET ${secrets}/scopes/list`]: { json: {} },
      [`POST ${secrets}/scopes/create`]: { json: {} },
      [`POST ${secrets}/put`]: { json: {} },
    });
  });
  afterEach(() => user.leave());

  function run(args: string[], env: NodeJS.ProcessEnv = {}): Promise<CliResult> {
    return runCli(['register-image', ...args], {
      env: {
        ...user.env,
        PATH: `${join(user.home, 'bin')}:${process.env['PATH'] ?? ''}`,
        ...env,
      },
    });
  }

  async function dockerConfiguration(configuration: object): Promise<void> {
    await mkdir(join(user.home, '.docker'), { recursive: true });
    await writeFile(join(user.home, '.docker', 'config.json'), JSON.stringify(configuration));
  }

  const inline = { auth: Buffer.from(login).toString('base64') };

  it('registers an image and shows how to use it', async () => {
    const result = await run(['python:3.12']);
    expect(result.code).to.equal(0);
    expect(result.stdout).to.equal(
      `Registered python:3.12 (sha256:abababababab).\n\nenvironment:\n  docker_image:\n    url: python:3.12\n`,
    );
    const [post] = user.server.sent(`POST ${base}`);
    expect(post?.json).to.deep.equal({ docker_image_url: 'docker.io/library/python:3.12' });
  });

  it('says in JSON what it did, also under its other name', async () => {
    user.server.script({ [`GET ${base}:get`]: available });
    const result = await runCli(['register', 'image', ' python ', '-o', 'json'], {
      env: user.env,
    });
    expect(result.stderr).to.equal('');
    expect(envelopeOf(result).data).to.deep.equal({
      docker_image_url: 'python',
      manifest_sha256: digest,
      status: 'AVAILABLE',
      image_updated: false,
      cached: true,
    });
  });

  it('waits for an import and says what it waits for', async () => {
    user.server.script({
      [`POST ${base}`]: { json: { state: 'PENDING' } },
      [`GET ${base}:get`]: [notRegistered, { json: { state: 'IMPORTING' } }, available],
    });
    const result = await run(['python']);
    expect(result.code).to.equal(0);
    expect(result.stderr).to.contain('waiting for its turn').and.to.contain('being copied');
  });

  it('passes on why an import failed', async () => {
    user.server.script({
      [`POST ${base}`]: { json: { state: 'FAILED', status_message: 'manifest unknown' } },
    });
    const { error } = envelopeOf(await run(['python', '-o', 'json']));
    expect(error).to.include({ code: 'REGISTRATION_FAILED', kind: 'PERMANENT', retryable: false });
    expect(error?.message).to.contain('manifest unknown');
  });

  it('calls a workspace that is busy transient', async () => {
    user.server.script({ [`POST ${base}`]: apiError(500, 'INTERNAL_ERROR', 'broken') });
    const result = await run(['python', '-o', 'json']);
    expect(result.code).to.equal(6);
    expect(envelopeOf(result).error).to.include({
      code: 'REGISTRATION_FAILED',
      kind: 'TRANSIENT',
      retryable: true,
    });
  });

  it('says that a workspace does not offer it', async () => {
    user.server.script({ [`GET ${base}:get`]: apiError(403, 'FEATURE_DISABLED', 'not here') });
    const result = await run(['python', '-o', 'json']);
    expect(result.code).to.equal(7);
    expect(envelopeOf(result).error?.code).to.equal('FEATURE_DISABLED');
  });

  it('asks who one is before anything else, and ends with exit code 4 for a refused token', async () => {
    user.server.script({ 'GET /api/2.0/preview/scim/v2/Me': apiError(401, 'UNAUTHENTICATED', 'revoked') });
    const result = await run(['python', '-o', 'json']);
    expect(result.code).to.equal(4);
    expect(envelopeOf(result).error).to.include({ code: 'UNAUTHENTICATED', retryable: false });
    expect(user.server.requests).to.have.length(1);
  });

  it('says what --local means for images', async () => {
    const result = await run(['python', '--local', '-o', 'json']);
    await runCli(['local', 'stop'], { env: { HOME: user.home } });
    expect(result.code).to.equal(7);
    const { error } = envelopeOf(result);
    expect(error).to.include({ code: 'FEATURE_DISABLED', kind: 'PERMANENT' });
    expect(error?.message).to.contain('software of this machine');
    expect(error?.hint).to.contain('docker_image');
    expect(user.server.requests).to.have.length(0);
  });

  describe('usage', () => {
    const cases: [string, string[], string][] = [
      ['an empty address', [' '], 'empty'],
      ['an impossible address', ['a b'], 'not the address'],
      ['a time of nothing', ['python', '--timeout-minutes', '0'], 'not positive'],
      ['tag policy auto', ['python', '--tag-policy', 'auto'], 'choice for runs'],
      ['an unknown tag policy', ['python', '--tag-policy', 'newest'], 'unknown'],
      ['a scope without a key', ['python', '--scope', 's'], 'key'],
      ['a question without a terminal', ['python', '-i'], 'terminal'],
    ];
    for (const [name, args, words] of cases) {
      it(`refuses ${name}`, async () => {
        const result = await run([...args, '-o', 'json']);
        expect(result.code).to.equal(2);
        expect(envelopeOf(result).error?.code).to.equal('INVALID_ARGS');
        expect(envelopeOf(result).error?.message).to.contain(words);
        expect(user.server.requests).to.have.length(0);
      });
    }

    it('takes tag policy latest in any case', async () => {
      expect((await run(['python', '--tag-policy', ' Latest'])).code).to.equal(0);
    });
  });

  describe("the registry's login", () => {
    it('is a secret that the user names, and never given up for another one', async () => {
      await dockerConfiguration({ auths: { 'registry.example.com': inline } });
      user.server.script({ [`POST ${base}`]: apiError(403, 'PERMISSION_DENIED', 'denied by the registry') });
      const result = await run(['registry.example.com/a/b', '--scope', 's', '--key', 'k', '-o', 'json']);
      expect(user.server.sent(`POST ${base}`).map(({ json }) => json)).to.deep.equal([
        { docker_image_url: 'registry.example.com/a/b:latest', credentials_scope: 's', credentials_key: 'k' },
      ]);
      expect(envelopeOf(result).error?.message).to.contain('s/k').and.to.contain('denied by the registry');
    });

    it("is found in Docker's configuration and stored as a secret", async () => {
      await dockerConfiguration({ auths: { 'https://registry.example.com/v2/': inline } });
      const result = await run(['registry.example.com/a/b:1', '--debug']);
      expect(result.code).to.equal(0);
      const scope = 'docker-credentials-alice@example.com';
      const key = 'registry.example.com-planted-user-local';
      expect(user.server.sent(`POST ${secrets}/scopes/create`)[0]?.json).to.deep.equal({ scope });
      expect(user.server.sent(`POST ${secrets}/put`)[0]?.json).to.deep.equal({
        scope,
        key,
        string_value: inline.auth,
      });
      expect(user.server.sent(`POST ${base}`)[0]?.json).to.deep.include({
        credentials_scope: scope,
        credentials_key: key,
      });
      const everything = result.stdout + result.stderr;
      expect(everything).to.contain('debug: ').and.to.not.contain('planted-registry-password');
      expect(everything).to.not.contain(inline.auth).and.to.not.contain(scriptedToken);
    });

    it('stays here when everyone may pull the image', async () => {
      await dockerConfiguration({ auths: { 'registry.example.com': inline } });
      user.server.script({ [`GET ${base}:checkImageAccess`]: { json: { publicly_accessible: true } } });
      expect((await run(['registry.example.com/a/b'])).code).to.equal(0);
      expect(user.server.sent(`POST ${secrets}/put`)).to.have.length(0);
    });

    it('is done without when the registry refuses it, with a warning', async () => {
      await dockerConfiguration({ auths: { 'localhost:5000': inline } });
      user.server.script({ [`POST ${base}`]: [apiError(403, 'PERMISSION_DENIED', 'old login'), available] });
      const result = await run(['localhost:5000/x', '-o', 'json']);
      expect(result.code).to.equal(0);
      const bodies = user.server.sent(`POST ${base}`).map(({ json }) => json as Record<string, string>);
      expect(bodies.map((body) => Object.keys(body).length)).to.deep.equal([3, 1]);
      expect(bodies[0]?.['docker_image_url']).to.equal('localhost:5000/x:latest');
      expect(JSON.stringify(envelopeOf(result).data?.['warnings'])).to.contain('old login');
    });

    it('that cannot be stored is named only when it was needed', async () => {
      await dockerConfiguration({ auths: { 'registry.example.com': inline } });
      user.server.script({
        [`POST ${secrets}/scopes/create`]: apiError(403, 'PERMISSION_DENIED', 'no scopes for you'),
      });
      expect((await run(['registry.example.com/a'])).code).to.equal(0);
      user.server.script({
        [`GET ${base}:get`]: notRegistered,
        [`POST ${base}`]: apiError(401, 'UNAUTHENTICATED', 'pull denied'),
      });
      const { error } = envelopeOf(await run(['registry.example.com/a', '-o', 'json']));
      expect(error?.code).to.equal('REGISTRATION_FAILED');
      expect(error?.message).to.contain('no scopes for you');
      expect(error?.hint).to.contain('--scope');
    });

    it('comes from a helper, which gets the registry on its input', async () => {
      await dockerConfiguration({ credHelpers: { 'registry.example.com': 'test' } });
      await mkdir(join(user.home, 'bin'));
      const helper = join(user.home, 'bin', 'docker-credential-test');
      await writeFile(
        helper,
        `#!/bin/sh\necho "$*:$(cat)" >> ${user.home}/asked\necho '{"Username":"<token>","Secret":"planted-identity"}'\n`,
      );
      await chmod(helper, 0o755);
      expect((await run(['registry.example.com/a'])).code).to.equal(0);
      expect(await readFile(join(user.home, 'asked'), 'utf8')).to.equal('get:registry.example.com\n');
      const put = user.server.sent(`POST ${secrets}/put`)[0]?.json as Record<string, string>;
      expect(Buffer.from(put['string_value'] ?? '', 'base64').toString()).to.equal(
        '<token>:planted-identity',
      );
    });

    it('hints at docker login when there is none', async () => {
      user.server.script({ [`POST ${base}`]: apiError(401, 'UNAUTHENTICATED', 'pull denied') });
      const { error } = envelopeOf(await run(['registry.example.com/a', '-o', 'json']));
      expect(error).to.include({ code: 'REGISTRATION_FAILED', retryable: false });
      expect(error?.hint).to.contain('docker login registry.example.com');
    });
  });
});
