import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { runCli } from '../support/cli.js';
import { workload } from '../support/config.js';
import { startLaunchWorkspace, type LaunchWorkspace } from '../support/launch-workspace.js';
import { hasTerminals, openTerminal } from '../support/terminal.js';

describe('what is shown of the code on its way', function () {
  this.timeout(60_000);
  let folder: string;
  let workspace: LaunchWorkspace;
  let env: NodeJS.ProcessEnv;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'air-code-progress-'));
    mkdirSync(join(folder, 'code'));
    writeFileSync(join(folder, 'train.yaml'), workload('code_source: {root_path: code}'));
    workspace = await startLaunchWorkspace();
    env = { ...workspace.env, HOME: folder };
  });
  afterEach(async () => {
    await workspace.server.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = (...args: string[]) => ['run', '-f', join(folder, 'train.yaml'), ...args];
  const weights = () => writeFileSync(join(folder, 'code/weights.bin'), randomBytes(3_000_000));

  it('counts the files while they are read on a terminal, and takes the line away', async function () {
    if (!hasTerminals()) this.skip();
    // More than can be read before it is seen; none of it takes room on the disk.
    for (let index = 0; index < 100; index++) {
      const file = join(folder, `code/part-${index}.bin`);
      writeFileSync(file, '');
      truncateSync(file, 100_000_000);
    }
    const terminal = openTerminal(run('--dry-run'), { env });
    try {
      await terminal.shows(/^\S Reading the code: \d+ new or changed files?, [\d.]+ [MG]B\.\.\.$/m);
      terminal.press('\u0003');
      expect((await terminal.ended).code).to.equal(130);
      expect(terminal.lines.join('\n')).to.contain('Interrupted').and.not.contain('Reading');
    } finally {
      await terminal.close();
    }
  });

  it('counts the bytes while they are uploaded on a terminal, and leaves what was done', async function () {
    if (!hasTerminals()) this.skip();
    weights();
    workspace.trouble.after = ({ path }) =>
      path.endsWith('.tar.gz') ? { json: {}, delay: 2000 } : undefined;
    const terminal = openTerminal(run(), { env, columns: 120 });
    try {
      await terminal.shows(/^\S Uploading the code: 3\.0 MB of 3\.0 MB\.\.\.$/m);
      expect((await terminal.ended).code).to.equal(0);
      const shown = terminal.lines.join('\n');
      expect(shown).to.match(/^Uploading code_\w{16}\.tar\.gz: 1 file, 3\.0 MB packed into 3\.0 MB\.$/m);
      expect(shown).not.to.contain('Uploading the code');
    } finally {
      await terminal.close();
    }
  });

  it('is a line when it is uploaded and a line when it is there already, in a pipe', async () => {
    weights();
    const [first, second] = [await runCli(run(), { env }), await runCli(run(), { env })];
    expect(first.code, first.stderr).to.equal(0);
    const [submitting, uploading] = first.stderr.split('\n');
    expect(submitting).to.match(/^Submitting demo to /);
    expect(uploading).to.match(/^Uploading code_\w{16}\.tar\.gz: 1 file, 3\.0 MB packed into 3\.0 MB\.$/);
    expect(second.stderr.split('\n')[1]).to.match(
      /^The workspace already has code_\w{16}\.tar\.gz: 1 file, 3\.0 MB\.$/,
    );
    expect(first.stderr + second.stderr)
      .not.to.contain('\r')
      .and.not.contain('Reading');
  });

  it('is nothing in JSON mode', async () => {
    weights();
    const result = await runCli(run('-o', 'json'), { env });
    expect(result.code, result.stdout).to.equal(0);
    expect(result.stderr).to.equal('');
  });
});
