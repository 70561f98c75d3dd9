import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import Module from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../support/cli.js';

describe('what Node compiled', function () {
  let home: string;
  let parts: string;
  let kept: string;

  before(function () {
    // Later releases keep it themselves.
    if ('enableCompileCache' in Module) this.skip();
  });
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'air-compile-cache-'));
    parts = join(home, 'parts');
    kept = join(home, 'cache/compiled', `${process.version}-${process.arch}`);
    await mkdir(parts);
    await writeFile(join(parts, 'answer.js'), 'exports.answer = () => 42;');
  });
  afterEach(() => rm(home, { recursive: true, force: true }));

  /** What a process of its own is told by the part. */
  async function answer(env: NodeJS.ProcessEnv = {}): Promise<string> {
    const program = `
      require(${JSON.stringify(join(packageRoot, 'dist/lib/compile-cache.js'))})
        .useCompileCache(${JSON.stringify(parts)}, process.env);
      console.log(require(${JSON.stringify(join(parts, 'answer.js'))}).answer());`;
    const { stdout } = await promisify(execFile)(process.execPath, ['-e', program], {
      env: { PATH: process.env['PATH'], HOME: home, AIR_CACHE_DIR: join(home, 'cache'), ...env },
    });
    return stdout.trim();
  }

  const keptFile = () => join(kept, 'answer.bin');
  /** Another text of the same length: who still hears the old answer has not compiled the new one. */
  const changePart = () => writeFile(join(parts, 'answer.js'), 'exports.answer = () => 43;');

  it('is used by the next process', async () => {
    expect(await answer()).to.equal('42');
    await changePart();
    expect(await answer()).to.equal('42');
  });

  it('is not used when it is damaged, and written again', async () => {
    await answer();
    const whole = await readFile(keptFile());
    await changePart();
    for (const damaged of [
      Buffer.alloc(0),
      whole.subarray(0, whole.length / 2),
      whole.subarray(0, whole.length - 1),
      Buffer.concat([whole.subarray(0, whole.length / 2), Buffer.alloc(whole.length / 2)]),
      Buffer.alloc(whole.length),
      whole.map((byte, place) => (place === whole.length / 4 ? byte ^ 16 : byte)),
    ]) {
      await writeFile(keptFile(), damaged);
      expect(await answer(), `${damaged.length} bytes`).to.equal('43');
      expect(await readFile(keptFile())).not.to.deep.equal(Buffer.from(damaged));
    }
  });

  it('is of one release of Node with the same settings', async () => {
    await answer();
    await changePart();
    expect(await answer({ NODE_OPTIONS: '--jitless' })).to.equal('43');
  });

  it('can be done without', async () => {
    expect(await answer({ NODE_DISABLE_COMPILE_CACHE: '1' })).to.equal('42');
    expect(await readdir(home)).to.deep.equal(['parts']);
    expect(await answer({ AIR_CACHE_DIR: '/dev/null/cache' })).to.equal('42');
  });

  it('goes when it is a month old and other parts are written', async () => {
    await answer();
    const old = join(kept, 'gone.bin');
    const young = join(kept, 'other.bin');
    const days = (count: number) => new Date(Date.now() - count * 24 * 3_600_000);
    for (const [file, age] of [[old, 31] as const, [young, 29] as const]) {
      await writeFile(file, '');
      await utimes(file, days(age), days(age));
    }
    await rm(keptFile());
    await answer();
    expect(await readdir(kept)).to.have.members(['answer.bin', 'other.bin']);
  });
});

describe('the build', () => {
  it('imports nothing by itself in the files that are kept compiled, where Node has no way to', async () => {
    const chunks = join(packageRoot, 'dist/chunks');
    for (const name of await readdir(chunks)) {
      const text = await readFile(join(chunks, name), 'utf8');
      expect(text, name).not.to.match(/\b(?:await|return|=>|\?\?=?) import\(/);
    }
  });
});
