import { expect } from 'chai';
import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startLocalWorkspace, type ScratchWorkspace } from '../support/local-workspace.js';
import { hasPython, makeWheel } from '../support/python.js';

/**
 * A quick installer with uv's command line: environments without pip, and wheels unpacked into them. It keeps
 * the tests fast; one of them goes through venv and pip themselves.
 */
const standInUv = `#!/bin/sh
echo "uv $1 $2"
case "$1 $2" in
  'venv --seed') exec python3 -m venv --without-pip "$3" ;;
  'pip install') exec "$4" -c '
import sys, sysconfig, time, zipfile
for line in open(sys.argv[1]):
    time.sleep(0.3)
    zipfile.ZipFile(line.strip()).extractall(sysconfig.get_paths()["purelib"])
' "$6" ;;
esac
exit 64
`;

describe('dependencies of runs in the local workspace', function () {
  this.timeout(120_000);
  let lw: ScratchWorkspace;
  let wheel: string;
  let programs: string | undefined;

  before(async function () {
    if (!hasPython()) {
      process.stderr.write(
        'SKIPPED: there is no python3 with venv here, so no dependencies are installed.\n',
      );
      this.skip();
    }
    programs = mkdtempSync(join(tmpdir(), 'air-uv-'));
    writeFileSync(join(programs, 'uv'), standInUv);
    chmodSync(join(programs, 'uv'), 0o755);
    lw = await startLocalWorkspace({
      PATH: `${programs}:${process.env['PATH'] ?? ''}`,
      AIR_LOCAL_CPU_RUNS: '4',
    });
    wheel = makeWheel(lw.folder, 'tiny');
  });
  after(async () => {
    await lw?.close();
    if (programs) rmSync(programs, { recursive: true });
  });

  const environments = () => readdirSync(lw.layout.environments).filter((name) => !name.includes('.'));

  it('are installed once, with their progress in the log, and found by the command', async () => {
    const submission = { command: 'python -m tiny; echo $VIRTUAL_ENV', dependencies: [wheel] };
    const first = await lw.submit(submission);
    expect((await lw.untilOver(first)).state?.result_state).to.equal('SUCCESS');
    const lines = await lw.text(first);
    expect(lines).to.include.members(['uv venv --seed', 'uv pip install', 'tiny is here']);
    expect(environments()).to.have.length(1);
    expect(lines.at(-1)).to.equal(join(lw.layout.environments, environments()[0] ?? ''));

    const second = await lw.submit(submission);
    await lw.untilOver(second);
    expect(await lw.text(second)).to.deep.equal(lines.slice(-2));
  });

  it('are installed once for runs that need them at the same time', async () => {
    const dependencies = [makeWheel(lw.folder, 'shared')];
    const command = 'python -m shared';
    const runs = await Promise.all([1, 2, 3].map(() => lw.submit({ command, dependencies })));
    for (const runId of runs) expect((await lw.untilOver(runId)).state?.result_state).to.equal('SUCCESS');
    const logs = await Promise.all(runs.map((runId) => lw.text(runId)));
    expect(logs.filter((lines) => lines.join('\n').includes('Installing'))).to.have.length(1);
    for (const lines of logs) expect(lines.at(-1)).to.equal('shared is here');
  });

  it('that cannot be installed fail the run, which says where to look; the next run tries again', async () => {
    const missing = join(lw.folder, 'late-1.0-py3-none-any.whl');
    const submission = { command: 'python -m late', dependencies: [missing] };
    const failed = await lw.submit(submission);
    const { state } = await lw.untilOver(failed);
    expect(state?.result_state).to.equal('FAILED');
    expect(state?.state_message).to.match(/dependencies could not be installed: uv failed with status 1/);
    expect((await lw.text(failed)).join('\n')).to.include('late-1.0-py3-none-any.whl');

    makeWheel(lw.folder, 'late');
    const fixed = await lw.submit(submission);
    expect((await lw.untilOver(fixed)).state?.result_state).to.equal('SUCCESS');
  });

  it('are no longer installed once the run is canceled', async () => {
    const dependencies = [makeWheel(lw.folder, 'unwanted')];
    const runId = await lw.submit({ command: 'echo started', dependencies });
    while ((await lw.text(runId, 'ascending=false')).length === 0);
    await lw.request('POST', '/api/2.2/jobs/runs/cancel', { run_id: Number(runId) });
    expect((await lw.untilOver(runId)).state?.result_state).to.equal('CANCELED');
    expect(await lw.text(runId)).to.not.include('started');
  });

  it('are installed with venv and pip where there is no uv', async () => {
    const plain = await startLocalWorkspace();
    try {
      const runId = await plain.submit({ command: 'python -m tiny; which pip', dependencies: [wheel] });
      expect((await plain.untilOver(runId)).state?.result_state).to.equal('SUCCESS');
      const lines = await plain.text(runId);
      expect(lines[0]).to.match(/^Installing 1 dependency with (pip|uv)/);
      expect(lines.at(-2)).to.equal('tiny is here');
      expect(lines.at(-1)).to.match(/environments\/\w+\/bin\/pip$/);
    } finally {
      await plain.close();
    }
  });
});
