import { Config } from '@oclif/core';
import { expect } from 'chai';
import { PassThrough } from 'node:stream';
import { systemClock } from '../../src/lib/io.js';
import { envelopeOf, packageRoot, runCli } from '../support/cli.js';
import { startScriptedUser, type ScriptedUser } from '../support/scripted-user.js';
import { apiError } from '../support/scripted-workspace.js';
import { runningRun, trainingRun, workspaceOf } from '../support/training-runs.js';

const cancelRoute = 'POST /api/2.2/jobs/runs/cancel';

describe('air cancel', function () {
  this.timeout(60_000);
  let user: ScriptedUser;

  beforeEach(async () => {
    const runs = [runningRun({ run_id: 42 }), runningRun({ run_id: 43 })];
    const foreign = runningRun({ run_id: 44, creator_user_name: 'bob@example.com' });
    user = await startScriptedUser({
      ...workspaceOf(runs),
      // The second page is short: nothing may be cancelled before the last one.
      'GET /api/2.2/jobs/runs/list': ({ query }) =>
        query.get('page_token')
          ? { json: { runs: [runs[1], foreign] } }
          : { json: { runs: [runs[0]], next_page_token: '2' } },
      [cancelRoute]: ({ json }) =>
        Number((json as { run_id: unknown }).run_id) === 9
          ? apiError(400, 'INVALID_PARAMETER_VALUE', 'Run 9 does not exist.')
          : { json: {} },
    });
  });
  afterEach(() => user.leave());

  const air = (...args: string[]) => runCli(['cancel', ...args], { env: user.env });
  const cancelled = () =>
    user.server.sent(cancelRoute).map(({ json }) => String((json as { run_id: unknown }).run_id));

  it('asks for each run once, also for ids beyond 2^53', async () => {
    const result = await air('42', '9007199254740993', '42');
    expect(result.code, result.stderr).to.equal(0);
    expect(result.stdout).to.include('run 42 ').and.include('run 9007199254740993 ');
    expect(cancelled().sort()).to.deep.equal(['42', '9007199254740993']);
    expect(user.server.sent(cancelRoute).map(({ body }) => body.toString())).to.include(
      '{"run_id":9007199254740993}',
    );
  });

  it('says of a run that is over how it ended', async () => {
    const get = workspaceOf([trainingRun({ run_id: 42 }), runningRun({ run_id: 43 })]);
    user.server.script({ 'GET /api/2.2/jobs/runs/get': get['GET /api/2.2/jobs/runs/get'] ?? {} });
    const [text, json] = [await air('42', '43'), await air('42', '43', '--json')];
    expect([text.code, json.code]).to.deep.equal([0, 0]);
    expect(text.stdout).to.equal('Run 42 is over: SUCCESS.\nAsked run 43 to cancel.\n');
    expect(envelopeOf(json).data).to.deep.equal({
      cancelled: ['42', '43'],
      ended: [{ run_id: '42', status: 'SUCCESS' }],
    });
  });

  it('goes on behind a failure, and exits by the first one', async () => {
    const [text, json] = [await air('9', '42'), await air('9', '42', '--json')];
    expect([text.code, json.code]).to.deep.equal([5, 5]);
    expect(text.stdout).to.include('run 42');
    expect(text.stderr).to.include('Run 9 was not cancelled');
    const { data } = envelopeOf(json);
    expect(data?.['cancelled']).to.deep.equal(['42']);
    expect(data?.['failed']).to.have.nested.property('[0].run_id', '9');
  });

  it('takes ids or --all, and cancels nothing when one id is none', async () => {
    const results = await Promise.all([air(), air('42', '--all'), air('42', 'forty')]);
    for (const { code } of results) expect(code).to.equal(2);
    expect(results[2].stderr).to.include('"forty"');
    const ofOtherWorkspaces = await Promise.all([air('--local'), air('-p', 'my team')]);
    expect(ofOtherWorkspaces.map(({ stderr }) => /air list.*$/m.exec(stderr)?.[0])).to.deep.equal([
      'air list --local',
      "air list -p 'my team'",
    ]);
    expect(cancelled()).to.deep.equal([]);
  });

  it('cancels all of the own runs, and of nobody else', async () => {
    const result = await air('--all', '--yes', '-o', 'json');
    expect(envelopeOf(result).data).to.deep.equal({ cancelled: ['42', '43'], all: true });
    expect(cancelled().sort()).to.deep.equal(['42', '43']);
  });

  it('says that there is nothing to cancel', async () => {
    user.server.script({ 'GET /api/2.2/jobs/runs/list': { json: {} } });
    const [text, json] = await Promise.all([air('--all'), air('--all', '--json')]);
    expect(text.code).to.equal(0);
    expect(text.stdout).to.include('no active runs');
    expect(envelopeOf(json).data).to.deep.equal({ cancelled: [], all: true, workspace: user.server.url });
  });

  it('cancels nothing when the list cannot be read to its end', async () => {
    user.server.script({
      'GET /api/2.2/jobs/runs/list': { json: { runs: [runningRun()], next_page_token: 'same' } },
    });
    const result = await air('--all', '--yes');
    expect(result.code).to.equal(6);
    expect(cancelled()).to.deep.equal([]);
  });

  it('never asks where nobody can answer', async () => {
    const results = await Promise.all([air('--all'), air('--all', '--json')]);
    for (const { code } of results) expect(code).to.equal(2);
    expect(results[0].stderr).to.include('2 runs').and.include('air cancel --all --yes');
    expect(envelopeOf(results[1]).error?.code).to.equal('INVALID_ARGS');
    expect(cancelled()).to.deep.equal([]);
  });

  describe('on a terminal', () => {
    async function answered(keys: string): Promise<{ shown: string; code: unknown }> {
      let shown = '';
      const output = { write: (text: string) => void (shown += text), isTTY: true, columns: 60 };
      const stdin = Object.assign(new PassThrough(), { isTTY: true });
      // Imported as the program imports it: the runner's own import makes a second copy of every class.
      const { default: Cancel } = await import('../../src/commands/cancel.js');
      class StartedCancel extends Cancel {
        start = () => this._run();
      }
      const command = new StartedCancel(['--all'], await Config.load({ root: packageRoot }));
      command.host = {
        io: { stdout: output, stderr: output, stdin },
        clock: systemClock,
        env: { ...user.env, NO_COLOR: '1' },
        onSignal: () => () => undefined,
        exit: () => undefined,
      };
      const codeBefore = process.exitCode;
      stdin.write(keys);
      try {
        await command.start();
        return { shown, code: process.exitCode };
      } finally {
        process.exitCode = codeBefore;
      }
    }

    it('shows the runs, asks, and cancels after a yes', async () => {
      const { shown, code } = await answered('y\r');
      expect(shown).to.match(/Run ID +Experiment +Started\n42 +resnet +2026-\d\d-\d\d \d\d:\d\d UTC\n43 /);
      expect(shown).to.include(`Cancel 2 runs in ${user.server.url}? [y/N] y`);
      expect(code).to.equal(0);
      expect(cancelled().sort()).to.deep.equal(['42', '43']);
    });

    it('cancels nothing after anything else', async () => {
      const { shown, code } = await answered('\r');
      expect(shown).to.include('Nothing was cancelled.').and.not.include('Error');
      expect(code).to.equal(1);
      expect(cancelled()).to.deep.equal([]);
    });

    it('cancels nothing after an interrupt', async () => {
      const { shown, code } = await answered('\u0003');
      expect(shown).to.match(/Interrupted\.\n$/);
      expect(code).to.equal(130);
      expect(cancelled()).to.deep.equal([]);
    });
  });
});
