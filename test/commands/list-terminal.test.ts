import { expect } from 'chai';
import { chmod, readFile, writeFile } from 'node:fs/promises';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { startScriptedUser, type ScriptedUser } from '../support/scripted-user.js';
import { apiError, type RecordedRequest } from '../support/scripted-workspace.js';
import { hasTerminals, openTerminal, type Terminal } from '../support/terminal.js';
import { runningRun, submittedAt, trainingRun, trainingTask, workspaceOf } from '../support/training-runs.js';
import { displayWidth } from '../../src/lib/cli/terminal/width.js';

const indexPath = 'GET /api/2.0/ai-training/workflows';
const outputPath = 'GET /api/2.2/jobs/runs/get-output';

const runs = Array.from({ length: 60 }, (_, index) => {
  const start_time = submittedAt - index * 60_000;
  const experiment = index % 2 === 0 ? `resnet-${index}` : `日本語-${index}`;
  const task = { start_time, ai_runtime_task: { ...trainingTask().ai_runtime_task, experiment } };
  return index === 3
    ? runningRun({ run_id: 1003, start_time })
    : trainingRun({ run_id: 1000 + index, start_time, tasks: [trainingTask(task)] });
});

const indexPage = ({ query }: RecordedRequest) => {
  const at = Number(query.get('page_token') ?? 0);
  const training_workflows = runs.slice(at, at + 25).map((run) => ({
    job_run_id: run.run_id,
    submit_time: new Date(run.start_time ?? 0).toISOString(),
  }));
  return {
    json: { training_workflows, ...(at + 25 < runs.length ? { next_page_token: `${at + 25}` } : {}) },
  };
};

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 50));
}

describe('air list at a terminal', function () {
  this.timeout(120_000);
  let user: ScriptedUser;
  let terminal: Terminal;

  before(function () {
    if (!hasTerminals()) {
      console.warn('    no python3 with fcntl and termios: the interactive list goes unseen');
      this.skip();
    }
  });
  beforeEach(async () => {
    user = await startScriptedUser({ ...workspaceOf(runs), [indexPath]: indexPage });
    const opener = join(user.home, process.platform === 'darwin' ? 'open' : 'xdg-open');
    await writeFile(
      opener,
      `#!/bin/sh\n[ -e "${user.home}/no-browser" ] && exit 3\necho "$1" >> "${user.home}/opened"\n`,
    );
    await chmod(opener, 0o755);
  });
  afterEach(async () => {
    await terminal.close();
    await user.leave();
  });

  /** Opens the list and waits for its first rows. */
  async function openList(columns = 100, rows = 12): Promise<void> {
    const env = {
      ...user.env,
      PATH: `${user.home}${delimiter}${process.env['PATH'] ?? ''}`,
    };
    terminal = openTerminal(['list', '--all-status'], { env, columns, rows });
    await terminal.shows('❯ 1000');
  }

  async function expectRestored(code: number): Promise<void> {
    expect(await terminal.ended).to.deep.equal({ code, restored: true });
    expect(terminal.screen.cursorShown, 'cursor').to.equal(true);
    expect(terminal.screen.alternate, 'second screen').to.equal(false);
  }

  it('moves, pages and loads on, and leaves the page it was on behind', async () => {
    await openList();
    terminal.press('jj\u001B[B');
    await terminal.shows('❯ 1003');
    terminal.press('\u001B[6~');
    await terminal.shows('❯ 1013');
    await until(() => {
      terminal.press('G');
      return terminal.lines.some((line) => line.startsWith('❯ 1059'));
    });
    await terminal.shows('60/60 ·');
    terminal.press('q');
    await expectRestored(0);
    expect(terminal.lines.join('\n')).to.contain('1059').and.not.contain('❯').and.not.contain('quit');
  });

  it('keeps to the window while that changes, in the list and in the details', async () => {
    await openList(60);
    for (const columns of [200, 60]) {
      terminal.resize(columns, 16);
      await terminal.shows(columns === 200 ? 'Accelerators' : /^(?!.*Accelerators)[^]*❯ 1000[^]*q quit/);
      for (const line of terminal.lines) expect(displayWidth(line)).to.be.at.most(columns);
    }
    terminal.press('i');
    await terminal.shows('Configuration');
    terminal.resize(100, 30);
    await terminal.shows(/^│ {2}Accelerators.*│$/m);
    terminal.resize(60, 40);
    await terminal.shows(/^╰─{58}╯$/m);
    terminal.press('q');
    await terminal.shows('❯ 1000');
    terminal.press('q');
    await expectRestored(0);
  });

  it('filters while one types, and shows all again', async () => {
    await openList();
    terminal.press('/日本');
    await terminal.shows('/日本');
    await terminal.shows('❯ 1001');
    expect(terminal.lines.filter((line) => line.includes('resnet'))).to.deep.equal([]);
    terminal.press('\r');
    await terminal.shows('"日本"');
    // An escape alone, not the beginning of an arrow key.
    terminal.press('\u001B');
    await terminal.shows('resnet-0');
    terminal.press('q');
    await expectRestored(0);
  });

  it('opens the pages of a run, and shows their address where no browser starts', async () => {
    await openList(140);
    await terminal.shows('name-of');
    terminal.press('o');
    await terminal.shows('Opened');
    terminal.press('\r');
    await terminal.shows(/Opened .*mlflow/);
    expect((await readFile(join(user.home, 'opened'), 'utf8')).split('\n')).to.deep.equal([
      `${user.server.url}/jobs/runs/1000?o=1234567890`,
      `${user.server.url}/ml/experiments/77/runs/mlflow1001/artifacts/logs/node_0`,
      '',
    ]);
    await writeFile(join(user.home, 'no-browser'), '');
    terminal.press('o');
    await terminal.shows('/jobs/runs/1000?o=1234567890');
    await terminal.shows('No browser');
    terminal.press('qq');
    await expectRestored(0);
  });

  it('shows logs on the first screen and comes back', async () => {
    await openList();
    terminal.press('l');
    await terminal.shows('Press a key');
    expect(terminal.screen.alternate).to.equal(false);
    expect(terminal.lines.join('\n')).to.contain('Logs of run 1000');
    terminal.press(' ');
    await terminal.shows('❯ 1000');
    terminal.press('jjjl');
    await terminal.shows('Logs of run 1003');
    // Before the program has begun it cannot answer an interrupt in words: both ways lead back.
    terminal.press('q');
    await terminal.shows('❯ 1003');
    terminal.press('q');
    await expectRestored(0);
  });

  it('refreshes without losing its place', async () => {
    await openList();
    terminal.press('G');
    await terminal.shows(/❯ 10[2-5]\d/);
    const place = /❯ (\d+)/.exec(terminal.lines.join('\n'))?.[1] ?? '';
    const asked = user.server.sent(indexPath).length;
    terminal.press('r');
    await until(() => user.server.sent(indexPath).length > asked);
    await terminal.shows(`❯ ${place}`);
    terminal.press('q');
    await expectRestored(0);
  });

  it('says what went wrong in the middle, keeps its rows and tries again', async () => {
    await openList();
    user.server.script({
      [indexPath]: apiError(403, 'PERMISSION_DENIED', 'closed for now'),
      'GET /api/2.2/jobs/runs/list': apiError(403, 'PERMISSION_DENIED', 'closed for now'),
    });
    terminal.press('r');
    await terminal.shows('Not loaded (r tries again)');
    await terminal.shows('❯ 1000');
    user.server.script({ [indexPath]: indexPage });
    terminal.press('r');
    await terminal.shows('q quit');
    terminal.press('q');
    await expectRestored(0);
  });

  for (const keys of ['', 'i', 'l']) {
    const where = { '': 'the list', i: 'the details', l: 'the logs' }[keys] ?? '';
    it(`gives the terminal back when it is ended in ${where}`, async () => {
      await openList();
      terminal.press(`jjj${keys}`);
      await terminal.shows(keys === '' ? '❯ 1003' : keys === 'i' ? 'Metadata' : 'Logs of run 1003');
      terminal.signal(constants.signals.SIGTERM);
      await expectRestored(143);
    });
  }

  it('is interrupted by Ctrl-C, in the details too', async () => {
    await openList();
    terminal.press('i');
    await terminal.shows('Metadata');
    terminal.press('\u0003');
    await expectRestored(130);
  });

  it('ends when the server does, at the first key', async () => {
    user.server.script({ [outputPath]: { fault: 'hang' } });
    await openList();
    await user.server.close();
    terminal.press('rq');
    await expectRestored(0);
  });

  it('leaves at once when there is nothing to list', async () => {
    user.server.script({ 'GET /api/2.2/jobs/runs/list': { json: {} } });
    terminal = openTerminal(['list'], {
      env: user.env,
    });
    await expectRestored(0);
    const [first, second] = terminal.lines;
    expect(first).to.equal('No runs found.');
    expect(second).to.match(/air list --all-status$/);
  });
});
