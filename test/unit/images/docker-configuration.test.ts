import { expect } from 'chai';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findRegistryLogin, type RegistryLogin } from '../../../src/lib/images/docker-configuration.js';

const base64 = (text: string) => Buffer.from(text).toString('base64');
const me: RegistryLogin = { username: 'me', password: 'pass:word' };
const inline = { auth: base64('me:pass:word') };

describe("Docker's logins", () => {
  let home: string;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'air-docker-'));
    await mkdir(join(home, '.docker'));
    await mkdir(join(home, 'bin'));
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  const configure = (configuration: unknown) =>
    writeFile(
      join(home, '.docker', 'config.json'),
      typeof configuration === 'string' ? configuration : JSON.stringify(configuration),
    );

  const find = (registry: string, env: NodeJS.ProcessEnv = {}) =>
    findRegistryLogin(registry, {
      env: { PATH: `${join(home, 'bin')}:/usr/bin:/bin`, ...env },
      homeDirectory: home,
      signal: new AbortController().signal,
    });

  /** A credential helper that knows one key, and notes every key it is asked for. */
  async function helper(
    name: string,
    key: string,
    login: { Username: string; Secret: string },
  ): Promise<void> {
    const path = join(home, 'bin', `docker-credential-${name}`);
    await writeFile(
      path,
      `#!/bin/sh\nkey=$(cat)\necho "${name} $1 $key" >> ${home}/asked\n` +
        `if [ "$key" = "${key}" ]; then echo '${JSON.stringify(login)}'; else\n` +
        `echo "credentials not found in native keychain"; exit 1; fi\n`,
    );
    await chmod(path, 0o755);
  }
  const asked = async () => (await readFile(join(home, 'asked'), 'utf8')).trim().split('\n');

  it('stand in the configuration as base64 of user and password, which may hold a colon', async () => {
    await configure({ auths: { 'registry.example.com': inline } });
    expect(await find('registry.example.com')).to.deep.equal(me);
    expect(await find('other.example.com')).to.equal(null);
  });

  it('may stand under an address with a scheme and a path, and in a folder that DOCKER_CONFIG names', async () => {
    await mkdir(join(home, 'elsewhere'));
    const auths = { 'https://Registry.example.com/v2/': inline };
    await writeFile(join(home, 'elsewhere', 'config.json'), JSON.stringify({ auths }));
    expect(await find('registry.example.com')).to.equal(null);
    expect(await find('registry.example.com', { DOCKER_CONFIG: join(home, 'elsewhere') })).to.deep.equal(me);
  });

  it('of a registry with a port are those of that port', async () => {
    await configure({ auths: { 'localhost:5000': inline } });
    expect(await find('localhost:5000')).to.deep.equal(me);
    expect(await find('localhost:5001')).to.equal(null);
  });

  it('of Docker Hub are found by any of its names', async () => {
    await configure({ auths: { 'https://index.docker.io/v1/': inline } });
    for (const name of ['docker.io', 'index.docker.io', 'registry-1.docker.io']) {
      expect(await find(name), name).to.deep.equal(me);
    }
  });

  it('may be identity tokens, or plain fields', async () => {
    await configure({
      auths: {
        'a.example.com': { auth: base64('00000000:'), identitytoken: 'planted' },
        'b.example.com': { username: 'me', password: 'pass:word' },
      },
    });
    expect(await find('a.example.com')).to.deep.equal({ username: '<token>', password: 'planted' });
    expect(await find('b.example.com')).to.deep.equal(me);
  });

  it('come from the common store, which knows Docker Hub by its old address', async () => {
    await configure({ credsStore: 'store', auths: { 'https://index.docker.io/v1/': {} } });
    await helper('store', 'https://index.docker.io/v1/', { Username: 'me', Secret: 'pass:word' });
    expect(await find('docker.io')).to.deep.equal(me);
    expect(await asked()).to.deep.equal(['store get https://index.docker.io/v1/']);
  });

  it("come from the registry's own helper before the store, and from the store before the file", async () => {
    await configure({
      credHelpers: { 'registry.example.com': 'own' },
      credsStore: 'store',
      auths: { 'registry.example.com': inline, 'other.example.com': inline },
    });
    await helper('own', 'registry.example.com', { Username: 'own', Secret: '1' });
    await helper('store', 'other.example.com', { Username: 'store', Secret: '2' });
    expect(await find('registry.example.com')).to.deep.equal({ username: 'own', password: '1' });
    expect(await find('other.example.com')).to.deep.equal({ username: 'store', password: '2' });
    expect((await asked())[0]).to.equal('own get registry.example.com');
  });

  it('fall back to the file when a helper has none, is missing or answers nonsense', async () => {
    await helper('empty', 'nothing', { Username: '', Secret: '' });
    await writeFile(join(home, 'bin', 'docker-credential-nonsense'), '#!/bin/sh\necho hello\n', {
      mode: 0o755,
    });
    for (const credsStore of ['empty', 'nonsense', 'missing', '../evil', 7]) {
      await configure({ credsStore, auths: { 'registry.example.com': inline } });
      expect(await find('registry.example.com'), String(credsStore)).to.deep.equal(me);
    }
  });

  const broken: unknown[] = [
    '{',
    '7',
    'null',
    '[]',
    { auths: null },
    { auths: { 'registry.example.com': null } },
    { auths: { 'registry.example.com': { auth: 7 } } },
    { auths: { 'registry.example.com': { auth: base64('no colon') } } },
    { auths: { 'registry.example.com': { auth: base64('user:') } } },
    { credHelpers: { 'registry.example.com': 7 } },
    { credHelpers: 'registry.example.com' },
  ];
  for (const configuration of broken) {
    it(`are none in a broken configuration: ${JSON.stringify(configuration)}`, async () => {
      await configure(configuration);
      expect(await find('registry.example.com')).to.equal(null);
    });
  }

  it('are none without a configuration', async () => {
    expect(await find('registry.example.com')).to.equal(null);
  });
});
