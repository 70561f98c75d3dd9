import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { packageRoot } from '../support/cli.js';

describe('start-up', () => {
  let home: string;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'air-startup-'));
  });
  after(() => rm(home, { recursive: true, force: true }));

  /** The addresses of all modules that a command loaded. */
  async function modulesOf(...words: string[]): Promise<string[]> {
    const record = join(home, `modules-${words.join('-').replaceAll('/', '_')}`);
    const preload = join(packageRoot, 'test/support/record-modules.mjs');
    await promisify(execFile)(process.execPath, ['--import', preload, 'bin/run.js', ...words], {
      cwd: packageRoot,
      env: { PATH: process.env['PATH'], HOME: home, AIR_MODULES: record },
    });
    return (await readFile(record, 'utf8')).split('\n');
  }

  const heavy = ['ajv', 'hono', '@hono/node-server', 'libsql', 'tar', 'ink', 'ignore'];
  /** What is joined into a part of the build, each with a text that only it has. */
  const joined = { got: 'sindresorhus/got', 'modern-tar': 'Tar archive is truncated.' };
  async function joinedIn(file: string): Promise<string[]> {
    const text = await readFile(file, 'utf8');
    return Object.entries(joined).flatMap(([name, mark]) => (text.includes(mark) ? [name] : []));
  }

  async function expectLight(urls: string[]): Promise<void> {
    const packages = urls.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? []);
    for (const name of [...heavy, ...Object.keys(joined)]) expect(packages, name).not.to.include(name);
    const parts = urls.filter((url) => url.includes('/dist/')).map((url) => fileURLToPath(url));
    expect(parts).not.to.have.length(0);
    for (const part of parts) expect(await joinedIn(part), part).to.deep.equal([]);
  }

  it('of a dry run loads no HTTP client, validator compiler, server, database or archive library', async () => {
    await expectLight(await modulesOf('run', '--file', 'examples/hello/train.yaml', '--dry-run'));
  });

  it('of --version loads none of them either', async () => {
    await expectLight(await modulesOf('--version'));
  });

  it('keeps each of those that are joined into the build in a part of its own', async () => {
    const chunks = (await readdir(join(packageRoot, 'dist/chunks'))).map((name) =>
      join(packageRoot, 'dist/chunks', name),
    );
    const found = (await Promise.all(chunks.map(joinedIn))).flat();
    expect(found.sort()).to.deep.equal(Object.keys(joined).sort());
  });
});
