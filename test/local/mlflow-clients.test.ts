import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../support/cli.js';

/** The drive of the real Python clients, where they are out of reach: it says so and fails nothing. */
describe('npm run test:interop', () => {
  let cache: string;
  before(() => {
    cache = mkdtempSync(join(tmpdir(), 'air-interop-'));
  });
  after(() => rmSync(cache, { recursive: true, force: true }));

  it('says that there is no Python', async () => {
    const { code, stdout, stderr } = await interop({ PATH: cache });
    expect(stderr).to.match(/^SKIPPED: mlflow_client\.py .*there is no python3 on PATH\.$/m);
    expect(stdout.trim().split('\n').at(-1)).to.equal('interop: 0 passed, 0 failed, 3 skipped');
    expect(code).to.equal(0);
  });

  function interop(env: NodeJS.ProcessEnv): Promise<{ code: number; stdout: string; stderr: string }> {
    return new Promise((resolve) => {
      const drive = execFile(
        process.execPath,
        ['--import', 'tsx', 'test/interop/run.ts'],
        { cwd: packageRoot, env: { HOME: cache, AIR_INTEROP_CACHE: cache, ...env } },
        (_, stdout, stderr) => resolve({ code: drive.exitCode ?? 1, stdout, stderr }),
      );
    });
  }
});
