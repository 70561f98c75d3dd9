import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  watch,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { envelopeOf, runCli, type CliResult } from '../support/cli.js';
import { startLaunchWorkspace, type LaunchWorkspace } from '../support/launch-workspace.js';
import { gitIn } from '../support/trees.js';
import { apiError } from '../support/scripted-workspace.js';

const workload = `
experiment_name: archive
compute:
  accelerator_type: GPU_1xA10
  num_accelerators: 1
code_source:
  root_path: code
command: echo hello
`;

describe('the archive of the code on its way', function () {
  this.timeout(120_000);
  let folder: string;
  let temporary: string;
  let workspace: LaunchWorkspace;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'air-archive-'));
    temporary = join(folder, 'temporary');
    mkdirSync(temporary);
    mkdirSync(join(folder, 'code'));
    writeFileSync(join(folder, 'code/weights.bin'), randomBytes(20_000_000));
    writeFileSync(join(folder, 'train.yaml'), workload);
    workspace = await startLaunchWorkspace();
  });
  afterEach(async () => {
    await workspace.server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** Submits; a signal is sent once the archive is being written. */
  async function submit(signal?: NodeJS.Signals): Promise<CliResult> {
    let watcher: ReturnType<typeof watch> | undefined;
    const result = await runCli(['run', '-f', join(folder, 'train.yaml'), '-o', 'json'], {
      env: { ...workspace.env, HOME: folder, TMPDIR: temporary },
      onStart: (child) => {
        if (signal === undefined) return;
        watcher = watch(temporary, (_, name) => {
          if (name !== null && existsSync(join(temporary, name))) child.kill(signal);
        });
      },
    });
    watcher?.close();
    return result;
  }

  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const) {
    it(`is removed when ${signal} comes while it is written`, async () => {
      const result = await submit(signal);
      expect(result.code, result.stderr).to.equal(code);
      expect(readdirSync(temporary)).to.deep.equal([]);
      expect(workspace.runs).to.deep.equal([]);
    });
  }

  it('is removed by the next submission when the process was killed', async () => {
    const killed = await submit('SIGKILL');
    expect(killed.signal).to.equal('SIGKILL');
    expect(readdirSync(temporary)).to.have.length(1);
    const result = await submit();
    expect(result.code, result.stdout).to.equal(0);
    expect(readdirSync(temporary)).to.deep.equal([]);
  });

  for (const [title, prepare] of [
    ['', () => undefined],
    [
      ', in a repository with changes too',
      () => {
        const env = { PATH: process.env['PATH'], HOME: folder };
        const code = join(folder, 'code');
        writeFileSync(join(code, 'train.py'), 'print(1)');
        gitIn(code, env, 'init', '-q');
        gitIn(code, env, 'add', '-A');
        gitIn(code, env, '-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-qm', 'first');
        writeFileSync(join(code, 'train.py'), 'print(2)');
      },
    ],
  ] as const) {
    it(`is removed when something else fails meanwhile${title}`, async () => {
      prepare();
      workspace.trouble = {
        before: ({ path }) =>
          path.endsWith('/mkdirs') ? apiError(403, 'PERMISSION_DENIED', 'You may not.') : undefined,
      };
      const result = await submit();
      expect(envelopeOf(result).error?.message).to.contain('You may not');
      expect(readdirSync(temporary)).to.deep.equal([]);
    });
  }

  it('is not sent when a file changes while it is packed; the same command then submits', async () => {
    const weights = join(folder, 'code/weights.bin');
    const watcher = watch(temporary, () => {
      // The last bytes, which are read last: what is appended after the beginning is read would not be packed.
      const file = openSync(weights, 'r+');
      writeSync(file, randomBytes(16), 0, 16, statSync(weights).size - 16);
      closeSync(file);
      watcher.close();
    });
    const result = await submit();
    watcher.close();
    expect(result.code, result.stdout).to.equal(6);
    const { error } = envelopeOf(result);
    expect(error).to.include({ code: 'CONFLICT', kind: 'TRANSIENT', retryable: true });
    expect(error?.message).to.contain('weights.bin changed');
    expect([workspace.runs.length, workspace.files.size]).to.deep.equal([0, 0]);
    expect(readdirSync(temporary)).to.deep.equal([]);
    expect((await submit()).code).to.equal(0);
    expect(workspace.runs).to.have.length(1);
  });
});
