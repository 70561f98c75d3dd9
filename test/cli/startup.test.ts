import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { packageRoot } from '../support/cli.js';

describe('start-up', () => {
  let home: string;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'air-startup-'));
  });
  after(() => rm(home, { recursive: true, force: true }));

  /** The packages of node_modules from which a command loaded anything. */
  async function packagesOf(...words: string[]): Promise<Set<string>> {
    const record = join(home, `modules-${words.join('-').replaceAll('/', '_')}`);
    const preload = join(packageRoot, 'test/support/record-modules.mjs');
    await promisify(execFile)(process.execPath, ['--import', preload, 'bin/run.js', ...words], {
      cwd: packageRoot,
      env: { PATH: process.env['PATH'], HOME: home, AIR_MODULES: record },
    });
    const urls = (await readFile(record, 'utf8')).split('\n');
    return new Set(urls.flatMap((url) => /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(url)?.[1] ?? []));
  }

  const heavy = ['got', 'ajv', 'hono', '@hono/node-server', 'libsql', 'modern-tar', 'tar', 'ink', 'ignore'];

  it('of a dry run loads no HTTP client, validator compiler, server, database or archive library', async () => {
    const packages = await packagesOf('run', '--file', 'examples/hello/train.yaml', '--dry-run');
    expect([...packages])
      .to.include('@oclif/core')
      .and.include('js-yaml');
    for (const name of heavy) expect([...packages], name).not.to.include(name);
  });

  it('of --version loads nothing but the framework', async () => {
    const packages = await packagesOf('--version');
    for (const name of [...heavy, 'js-yaml']) expect([...packages], name).not.to.include(name);
  });
});
