import { expect } from 'chai';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AirError } from '../../../src/lib/errors.js';
import { findConfiguration, type Configuration } from '../../../src/lib/workspace/auth/configuration.js';
import { parseHost } from '../../../src/lib/workspace/auth/host.js';
import { parseProfiles } from '../../../src/lib/workspace/auth/profiles.js';

describe('profile file', () => {
  it('reads sections, comments, white space, both separators and quotes', () => {
    const sections = parseProfiles(
      [
        '\uFEFF; a comment',
        '[DEFAULT]',
        'host = https://a.example.com/   ; where',
        'token=dapi#1',
        '',
        '  [ dev ]  ',
        'HOST : https://b.example.com',
        '# token = not-this',
        'token = "with ; and # inside"',
        'client_secret = a=b:c',
        'empty =',
        'no separator here',
        '[__settings__]',
        'default_profile = dev',
      ].join('\r\n'),
    );
    expect([...sections.keys()]).to.deep.equal(['DEFAULT', 'dev', '__settings__']);
    expect(sections.get('DEFAULT')).to.deep.equal({ host: 'https://a.example.com/', token: 'dapi#1' });
    expect(sections.get('dev')).to.deep.equal({
      host: 'https://b.example.com',
      token: 'with ; and # inside',
      client_secret: 'a=b:c',
      empty: '',
    });
    expect(sections.get('__settings__')).to.deep.equal({ default_profile: 'dev' });
  });

  it('keeps a section named like a built-in property apart', () => {
    expect(parseProfiles('[constructor]\nhost = x\n').get('constructor')).to.deep.equal({ host: 'x' });
  });
});

describe('host', () => {
  const cases: [string, string, string | null][] = [
    ['dbc-1.cloud.databricks.com', 'https://dbc-1.cloud.databricks.com', null],
    ['https://dbc-1.cloud.databricks.com/', 'https://dbc-1.cloud.databricks.com', null],
    ['https://adb-1.2.azuredatabricks.net/?o=42#job/1', 'https://adb-1.2.azuredatabricks.net', '42'],
    ['http://127.0.0.1:8080/x', 'http://127.0.0.1:8080', null],
  ];
  for (const [text, origin, workspaceId] of cases) {
    it(`takes ${text} apart`, () => {
      expect(parseHost(text, 'test')).to.deep.equal({ origin, workspaceId });
    });
  }
  for (const text of ['https://', 'ftp://x', 'a b', 'https://accounts.cloud.databricks.com']) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      expect(() => parseHost(text, 'test'))
        .to.throw(AirError)
        .with.property('code', 'UNAUTHENTICATED');
    });
  }
});

describe('configuration', () => {
  let home: string;
  let warnings: string[];

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'air-config-'));
    warnings = [];
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  async function profiles(text: string, mode = 0o600): Promise<void> {
    const path = join(home, '.databrickscfg');
    await writeFile(path, text);
    await chmod(path, mode);
  }

  function find(env: NodeJS.ProcessEnv = {}, profile?: string): Promise<Configuration> {
    return findConfiguration({
      profile,
      env,
      homeDirectory: home,
      warn: ({ message }) => warnings.push(message),
    });
  }

  async function failure(promise: Promise<unknown>): Promise<AirError> {
    const thrown = await promise.then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(thrown).to.be.instanceOf(AirError);
    return thrown as AirError;
  }

  const three = [
    '[DEFAULT]',
    'host = https://default.example.com',
    'token = t0',
    '[dev]',
    'host = https://dev.example.com',
    'token = t1',
    'workspace_id = 99',
    '[prod]',
    'host = https://prod.example.com',
    'token = t2',
  ].join('\n');

  it('follows the order: flag, variable, host of the environment, default profile, DEFAULT', async () => {
    const env = {
      DATABRICKS_CONFIG_PROFILE: 'dev',
      DATABRICKS_HOST: 'https://env.example.com',
      DATABRICKS_TOKEN: 't3',
    };
    await profiles(`${three}\n[__settings__]\ndefault_profile = prod\n`);
    expect((await find(env, 'prod')).profile).to.equal('prod');
    expect(await find(env)).to.deep.include({
      profile: 'dev',
      source: 'profile dev of ~/.databrickscfg',
      fields: { host: 'https://dev.example.com', token: 't1', workspace_id: '99' },
    });
    const { DATABRICKS_CONFIG_PROFILE: _, ...hostOnly } = env;
    expect(await find(hostOnly)).to.deep.equal({
      fields: { host: 'https://env.example.com', token: 't3' },
      source: 'the environment (DATABRICKS_HOST, DATABRICKS_TOKEN)',
    });
    expect((await find()).profile).to.equal('prod');
    await profiles(three);
    expect((await find()).profile).to.equal('DEFAULT');
  });

  it('fills a profile without credentials from the environment, but never for another host', async () => {
    await profiles('[dev]\nhost = https://dev.example.com\n');
    expect((await find({ DATABRICKS_TOKEN: 't' }, 'dev')).fields.token).to.equal('t');
    const elsewhere = { DATABRICKS_TOKEN: 't', DATABRICKS_HOST: 'https://other.example.com' };
    expect((await find(elsewhere, 'dev')).fields).to.deep.equal({ host: 'https://dev.example.com' });
  });

  it('does not mix two ways to authenticate', async () => {
    await profiles('[dev]\nhost = https://dev.example.com\nauth_type = databricks-cli\n');
    const { fields } = await find({ DATABRICKS_TOKEN: 't', DATABRICKS_AUTH_TYPE: 'pat' }, 'dev');
    expect(fields).to.deep.equal({ host: 'https://dev.example.com', auth_type: 'databricks-cli' });
  });

  it('reads another file when DATABRICKS_CONFIG_FILE names one', async () => {
    await writeFile(join(home, 'other.cfg'), '[x]\nhost = https://x.example.com\n');
    const { source } = await find({ DATABRICKS_CONFIG_FILE: '~/other.cfg' }, 'x');
    expect(source).to.equal('profile x of ~/other.cfg');
  });

  it('names a missing profile, its file and the nearest one', async () => {
    await profiles(three);
    const error = await failure(find({}, 'prd'));
    expect(error).to.include({ code: 'UNAUTHENTICATED', retryable: false, exitCode: 4 });
    expect(error.message).to.equal('~/.databrickscfg has no profile "prd".');
    expect(error.hint).to.equal('Did you mean --profile prod?');
  });

  it('says which default profile is missing', async () => {
    await profiles('[__settings__]\ndefault_profile = gone\n[a]\nhost = x\n');
    expect((await failure(find())).message).to.contain('"gone" ([__settings__] names it as default_profile)');
  });

  it('takes [__settings__] for no profile', async () => {
    await profiles('[__settings__]\nhost = https://x.example.com\n');
    expect((await failure(find({}, '__settings__'))).code).to.equal('UNAUTHENTICATED');
  });

  it('says what was looked for when nothing is configured, and that --local needs no account', async () => {
    const error = await failure(find({ DATABRICKS_TOKEN: 't' }));
    expect(error).to.include({ code: 'UNAUTHENTICATED', exitCode: 4 });
    expect(error.message).to.contain('DATABRICKS_HOST').and.to.contain('~/.databrickscfg does not exist');
    expect(error.message).to.contain('DATABRICKS_TOKEN is set, but names no host');
    expect(error.hint).to.contain('--local');
  });

  it('warns of a file with secrets that others can read, once it is used', async () => {
    await profiles(three, 0o644);
    await find({}, 'dev');
    expect(warnings).to.have.length(1);
    await profiles(three, 0o600);
    await find({}, 'dev');
    expect(warnings).to.have.length(1);
  });
});
