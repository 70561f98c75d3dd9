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

  const heavy = ['ajv', 'hono', '@hono/node-server', 'libsql', 'modern-tar', 'tar', 'ink', 'ignore'];
  /** The HTTP client is joined into a part of the build, with the name by which it calls itself. */
  const clientMark = 'sindresorhus/got';
  const built = async (file: string) => (await readFile(file, 'utf8')).includes(clientMark);

  async function expectLight(urls: string[]): Promise<void> {
    const packages = urls.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? []);
    for (const name of [...heavy, 'got']) expect(packages, name).not.to.include(name);
    const parts = urls.filter((url) => url.includes('/dist/')).map((url) => fileURLToPath(url));
    expect(parts).not.to.have.length(0);
    for (const part of parts) expect(await built(part), part).to.equal(false);
  }

  it('of a dry run loads no HTTP client, validator compiler, server, database or archive library', async () => {
    await expectLight(await modulesOf('run', '--file', 'examples/hello/train.yaml', '--dry-run'));
  });

  it('of --version loads none of them either', async () => {
    await expectLight(await modulesOf('--version'));
  });

  it('keeps the HTTP client in a part of its own', async () => {
    const chunks = (await readdir(join(packageRoot, 'dist/chunks'))).map((name) =>
      join(packageRoot, 'dist/chunks', name),
    );
    const marked = await Promise.all(chunks.map(built));
    expect(marked.filter(Boolean)).to.have.length(1);
  });
});
