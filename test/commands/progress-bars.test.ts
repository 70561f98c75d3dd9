import { expect } from 'chai';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runCli } from '../support/cli.js';
import { startLocalWorkspace, type ScratchWorkspace } from '../support/local-workspace.js';
import { hasTerminals, openTerminal } from '../support/terminal.js';

describe('the progress bar of a run that goes on', function () {
  this.timeout(60_000);
  let workspace: ScratchWorkspace;
  let number = 0;

  before(async () => {
    workspace = await startLocalWorkspace();
  });
  after(() => workspace.close());

  /** Starts a bar that stands at each of its states until it is told to go on. */
  async function startBar() {
    const gate = join(workspace.folder, `gate${number++}-`);
    const stand = (state: string, gateNumber: number) =>
      `printf '\\r${state}'; until [ -e '${gate}${gateNumber}' ]; do sleep 0.05; done`;
    const id = await workspace.submit({
      command: `echo begun; ${stand('10%%', 1)}; ${stand('60%%', 2)}; printf '\\r100%%\\n'; echo ended`,
    });
    return { id, goOn: (gateNumber: number) => writeFileSync(`${gate}${gateNumber}`, '') };
  }

  it('comes state by state while its line goes on, and as one line in the end', async () => {
    const { id, goOn } = await startBar();
    const result = await runCli(['logs', id, '--local', '--json'], {
      env: workspace.env,
      onStdout: (text) => {
        if (text.includes('"\\r10%"')) goOn(1);
        if (text.includes('"\\r60%"')) goOn(2);
      },
    });
    expect(result.code, result.stdout).to.equal(0);
    const lines = [...result.stdout.matchAll(/"LOG".*"line":("[^"]*")/g)].map((match) => match[1]);
    expect(lines).to.deep.equal(['"begun"', '"\\r10%"', '"\\r60%"', '"\\r10%\\r60%\\r100%"', '"ended"']);
    expect(await workspace.text(id)).to.deep.equal(['begun', '\r10%\r60%\r100%', 'ended']);
  });

  it('is one line in a pipe', async () => {
    const { id, goOn } = await startBar();
    const result = await runCli(['logs', id, '--local'], {
      env: workspace.env,
      onStdout: (text) => {
        if (!text.includes('begun')) return;
        goOn(1);
        goOn(2);
      },
    });
    expect(result.stdout).to.equal('begun\n100%\nended\n');
  });

  it('is redrawn in its place on a terminal', async function () {
    if (!hasTerminals()) this.skip();
    const { id, goOn } = await startBar();
    const terminal = openTerminal(['logs', id, '--local'], { env: workspace.env });
    await terminal.shows('10%');
    goOn(1);
    await terminal.shows('60%');
    goOn(2);
    await terminal.ended;
    const redrawn = '\r\u001B[2K';
    expect(terminal.written).to.include(`begun\r\n${redrawn}10%${redrawn}60%${redrawn}100%\r\nended\r\n`);
  });
});
