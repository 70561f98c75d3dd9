import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { envelopeOf, packageRoot, runCli } from '../support/cli.js';

/** A user that the user database does not know, as containers have them. */
const nobody = 12_345;
const commandFile = join(packageRoot, 'bin/run.js');
const isRoot = process.getuid?.() === 0;
const canTryAsNobody = () => isRoot && spawnSync('test', ['-r', commandFile], { uid: nobody }).status === 0;

describe('the home folder', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'air-home-'));
    chmodSync(folder, 0o777);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('must be a full path, or files would lie anywhere', async () => {
    const result = await runCli(['gpus', '-o', 'json'], { env: { HOME: 'here' }, cwd: folder });
    expect(result.code).to.equal(2);
    expect(envelopeOf(result).error).to.include({
      code: 'INVALID_CONFIG',
      message: 'HOME must be a full path, and is "here".',
    });
    expect(readdirSync(folder)).to.deep.equal([]);
  });

  it('is the one of the user database where HOME is missing or empty', async function () {
    if (!userInfo().homedir.startsWith('/')) this.skip();
    for (const env of [{}, { HOME: '' }]) {
      const directories = { AIR_DATA_DIR: folder, AIR_CACHE_DIR: folder, AIR_CONFIG_DIR: folder };
      const result = await runCli(['gpus', '-o', 'json'], { env: { ...env, ...directories }, cwd: folder });
      expect(result.code, result.stdout).to.equal(0);
    }
  });

  it('is asked for where nobody knows one', async function () {
    if (!canTryAsNobody()) this.skip();
    const result = await runCli(['gpus', '-o', 'json'], { env: {}, cwd: folder, uid: nobody });
    expect(result.code, result.stderr).to.equal(2);
    expect(envelopeOf(result).error?.message).to.equal(
      `There is no place for your files: HOME is not set, and user ${nobody} has no home folder.`,
    );
    expect(result.stderr).to.equal('');
  });

  it('of a user without a name has a local workspace like any other', async function () {
    if (!canTryAsNobody()) this.skip();
    const options = { env: { HOME: folder }, cwd: folder, uid: nobody };
    try {
      const file = join(packageRoot, 'examples/hello/train.yaml');
      const result = await runCli(['run', '-f', file, '--local', '--watch'], options);
      expect(result.code, result.stderr).to.equal(0);
      expect(result.stderr).to.include(`user-${nobody}@local`);
    } finally {
      await runCli(['local', 'stop'], options);
    }
  });
});
