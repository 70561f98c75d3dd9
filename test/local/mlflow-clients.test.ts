import { expect } from 'chai';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { existsSync } from 'node:fs';
import { packageRoot } from '../support/cli.js';

/** The drive of the real Python clients, where they are out of reach: it says so and fails nothing. */
describe('npm run test:interop', function () {
  this.timeout(120_000);
  let cache: string;
  before(() => {
    cache = mkdtempSync(join(tmpdir(), 'air-interop-'));
  });
  after(() => rmSync(cache, { recursive: true, force: true }));

  it('says that there is no Python', async () => {
    const { code, stdout, stderr } = await interop({ PATH: dirname(process.execPath) });
    expect(stderr).to.match(/^SKIPPED: mlflow_client\.py .*there is no python3 on PATH\.$/m);
    expect(stdout.trim().split('\n').at(-1)).to.equal('interop: 0 passed, 0 failed, 3 skipped');
    expect(code).to.equal(0);
  });

  it('says that the package registry does not answer', async function () {
    const path = process.env['PATH'] ?? '';
    if (!path.split(delimiter).some((folder) => existsSync(join(folder, 'python3')))) this.skip();
    const index = `http://127.0.0.1:${await closedPort()}/simple`;
    const { code, stdout, stderr } = await interop({ PATH: path, PIP_INDEX_URL: index, PIP_RETRIES: '0' });
    expect(stderr).to.match(/^SKIPPED: mlflow_client\.py .*mlflow-skinny.*$/m);
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

  /** A port on which nobody listens: one that was free a moment ago. */
  async function closedPort(): Promise<number> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    return port;
  }
});
