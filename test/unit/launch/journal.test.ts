import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AirError } from '../../../src/lib/errors.js';
import { Journal, workloadDigest } from '../../../src/lib/launch/journal.js';

describe('journal of submissions', () => {
  const key = { host: 'https://h', user: 'u@x', digest: 'd' };
  let directory: string;
  let now: number;
  let journal: Journal;

  beforeEach(async () => {
    directory = join(await mkdtemp(join(tmpdir(), 'air-journal-')), 'submissions');
    now = Date.UTC(2026, 0, 1);
    journal = new Journal(directory, () => now);
  });
  afterEach(() => rm(join(directory, '..'), { recursive: true, force: true }));

  /** Makes the entries look like those of a process that has died. */
  async function orphan(): Promise<void> {
    const { pid } = spawnSync(process.execPath, ['-e', '0']);
    for (const file of await readdir(directory)) {
      const [token] = file.split('@');
      const ending = file.slice(file.indexOf('.json'));
      await rename(join(directory, file), join(directory, `${token}@${pid}-1${ending}`));
    }
  }

  const begin = (token = 'token-1') => journal.begin({ ...key, token, folder: '/f' });

  it('is private and holds one whole entry a file', async () => {
    await begin();
    const [file = ''] = await readdir(directory);
    expect((await stat(directory)).mode & 0o777).to.equal(0o700);
    expect((await stat(join(directory, file))).mode & 0o777).to.equal(0o600);
  });

  it('says of a data directory that cannot hold it what is wrong', async () => {
    const file = join(directory, '..', 'file');
    await writeFile(file, '');
    const broken = new Journal(join(file, 'submissions'), () => now);
    for (const work of [() => broken.adopt(key), () => broken.begin({ ...key, token: 't', folder: '/f' })]) {
      const error = await work().catch((thrown: unknown) => thrown);
      expect(error).to.be.instanceOf(AirError);
      expect((error as AirError).message).to.equal(
        `The data directory ${file} cannot be used: a part of the path is a file.`,
      );
    }
  });

  it('gives the unfinished submission of a dead process to one successor only', async () => {
    const entry = await begin();
    await entry.advance('sent');
    await orphan();
    const adopted = await journal.adopt(key);
    expect(adopted?.entry).to.include({ token: 'token-1', folder: '/f', state: 'sent', runId: null });
    expect(await journal.adopt(key)).to.equal(null);
  });

  it('survives its adopter too', async () => {
    await begin();
    await orphan();
    await (await journal.adopt(key))?.advance('accepted', '7');
    await orphan();
    expect((await journal.adopt(key))?.entry.runId).to.equal('7');
  });

  it('leaves a living process its submission: two runs on purpose stay two', async () => {
    await begin();
    expect(await journal.adopt(key)).to.equal(null);
  });

  it('resumes nothing that the user has been told of', async () => {
    const entry = await begin();
    await entry.advance('accepted', '7');
    await entry.advance('reported');
    await orphan();
    expect(await journal.adopt(key)).to.equal(null);
  });

  for (const other of [{ host: 'https://other' }, { user: 'v@x' }, { digest: 'e' }]) {
    it(`resumes nothing of another ${Object.keys(other).join()}`, async () => {
      await begin();
      await orphan();
      expect(await journal.adopt({ ...key, ...other })).to.equal(null);
    });
  }

  it('resumes nothing older than a day', async () => {
    await begin();
    await orphan();
    now += 24 * 3_600_000 + 1;
    expect(await journal.adopt(key)).to.equal(null);
  });

  it('prunes what nobody can resume, and nothing else', async () => {
    await (await begin('reported')).advance('reported');
    await begin('open');
    await orphan();
    await begin('living');
    expect((await readdir(directory)).map((file) => file.split('@')[0]).sort()).to.deep.equal([
      'living',
      'open',
    ]);
  });

  it('passes over a file that was never completely written', async () => {
    await begin();
    await orphan();
    const [file = ''] = await readdir(directory);
    await writeFile(join(directory, file), '{"host":"htt');
    expect(await journal.adopt(key)).to.equal(null);
  });

  it('leaves nothing half written behind, neither on a full disk nor after a crash', async function () {
    if (!existsSync('/dev/full')) this.skip();
    const entry = await begin();
    const [file = ''] = await readdir(directory);
    await symlink('/dev/full', join(directory, `${file}.new`));
    const thrown: unknown = await entry.advance('sent').catch((error: unknown) => error);
    expect(thrown).to.have.property('code', 'ENOSPC');
    expect(await readdir(directory)).to.deep.equal([file]);

    await writeFile(join(directory, `${file}.new`), '{"host":"htt');
    await orphan();
    expect((await journal.adopt(key))?.entry.state).to.equal('prepared');
    await begin('next');
    expect((await readdir(directory)).filter((name) => name.endsWith('.new'))).to.deep.equal([]);
  });

  it('takes tokens with any character', async () => {
    await begin('a/b@c d.é');
    await orphan();
    expect((await journal.adopt(key))?.entry.token).to.equal('a/b@c d.é');
  });

  it('has no adoption before the first submission', async () => {
    expect(await journal.adopt(key)).to.equal(null);
  });
});

describe('workload digest', () => {
  it('tells parts apart', () => {
    const digests = [['ab', 'c'], ['a', 'bc'], ['a', null], ['a', 'null'], ['a']].map(workloadDigest);
    expect(new Set(digests).size).to.equal(digests.length);
  });
});
