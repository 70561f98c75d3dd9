import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../support/cli.js';

/** A device that takes nothing, as a file on a full disk. */
const fullDisk = '/dev/full';

describe('output that cannot be written', function () {
  let home: string;

  before(async function () {
    if (!existsSync(fullDisk)) this.skip();
    home = await mkdtemp(join(tmpdir(), 'air-lost-output-'));
  });
  after(() => (home ? rm(home, { recursive: true, force: true }) : undefined));

  /** Runs a line of the shell, in which `air` is the built program. */
  function shell(line: string): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const air = `air() { "${process.execPath}" "${packageRoot}/bin/run.js" "$@"; }; `;
    const child = spawn('bash', ['-c', air + line], {
      env: { PATH: process.env['PATH'], HOME: home },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = { stdout: '', stderr: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
    return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...said })));
  }

  for (const line of ['gpus', 'gpus --json', 'run --help', '--version', 'config schema']) {
    it(`fails "air ${line}": exit 7 and one sentence`, async () => {
      const { code, stderr } = await shell(`air ${line} > ${fullDisk}`);
      expect(code).to.equal(7);
      expect(stderr).to.match(/^Error: The output could not be written: ENOSPC.*\nHint: .*\n$/);
    });
  }

  it('fails a failing command too', async () => {
    const { code, stderr } = await shell(`air get run abc --json > ${fullDisk}`);
    expect(code).to.equal(7);
    expect(stderr).to.match(/^Error: The output could not be written: ENOSPC/);
  });

  it('changes nothing when it was meant for stderr', async () => {
    const said = await shell(`air get run abc 2> ${fullDisk}`);
    expect(said).to.deep.include({ code: 2, stdout: '' });
    // A reader that is gone, such as `2> >(head -1)`.
    const gone = await shell(`(sleep 0.3; air get run abc; echo "exit $?") 2> >(exec 0<&-; true)`);
    expect(gone.stdout).to.equal('exit 2\n');
  });

  it('is no failure when the reader has seen enough', async () => {
    const { code, stdout, stderr } = await shell('set -o pipefail; air config schema | head -1');
    expect({ code, stdout, stderr }).to.deep.equal({ code: 0, stdout: '{\n', stderr: '' });
  });
});
