import { expect } from 'chai';
import { envelopeOf, runCli, type CliOptions } from '../support/cli.js';
import { startScriptedUser, type ScriptedUser } from '../support/scripted-user.js';
import { apiError } from '../support/scripted-workspace.js';
import { hasTerminals, openTerminal } from '../support/terminal.js';
import { runningRun, sweepRun, trainingRun, trainingTask, workspaceOf } from '../support/training-runs.js';

describe('air get run, list and gpus', function () {
  this.timeout(60_000);
  let user: ScriptedUser;

  beforeEach(async () => {
    user = await startScriptedUser({
      ...workspaceOf([trainingRun()]),
      'GET /api/2.2/jobs/runs/list': { json: { runs: [trainingRun(), runningRun({ run_id: 43 })] } },
    });
  });
  afterEach(() => user.leave());

  const air = (args: string[], options: CliOptions = {}) =>
    runCli(args, {
      ...options,
      env: { ...user.env, ...options.env },
    });

  it('prints one envelope with the known keys first', async () => {
    const result = await air(['get', 'run', '42', '-o', 'json']);
    expect(result.code, result.stderr).to.equal(0);
    const { v, data } = envelopeOf(result);
    expect(v).to.equal(1);
    expect(
      Object.keys(data ?? {})
        .slice(0, 8)
        .join(),
    ).to.equal(
      'run_id,status,started_at,duration_seconds,attempt_number,experiment_name,dashboard_url,mlflow_url',
    );
    expect(data).to.deep.include({
      run_id: '42',
      status: 'SUCCESS',
      configuration: 'experiment_name: resnet\n',
    });
    expect(result.stderr).to.equal('');
  });

  it('prints all of a long answer, however late it is read', async () => {
    const iterations = Array.from({ length: 1000 }, (_, index) =>
      trainingTask({ run_id: 5000 + index, task_key: `sweep_iteration_${index}` }),
    );
    const runs = [sweepRun(), trainingRun({ run_id: 2001, tasks: [], iterations })];
    user.server.script(workspaceOf(runs));
    for (const format of ['json', 'text']) {
      const result = await air(['get', 'run', '42', '-o', format], {
        onStart(child) {
          child.stdout?.pause();
          setTimeout(() => child.stdout?.resume(), 1500);
        },
      });
      expect(result.code, result.stderr).to.equal(0);
      expect(result.stdout).to.contain('sweep_iteration_999').and.match(/\n$/);
    }
  });

  it('prints text with bare addresses into a pipe, also by its short name', async () => {
    const result = await air(['get', '42']);
    expect(result.code, result.stderr).to.equal(0);
    expect(result.stdout).to.match(
      /^Job Link: http:\/\/127\.0\.0\.1:\d+\/jobs\/runs\/42\?o=1234567890\n\n╭─ Configuration/,
    );
    expect(result.stdout).not.to.contain('\u001B');
  });

  it('points to the logs beside the data, at a terminal only', async function () {
    if (!hasTerminals()) this.skip();
    const env = user.env;
    const terminal = openTerminal(['get', 'run', '42'], { env, rows: 60 });
    expect(await terminal.ended).to.include({ code: 0 });
    expect(terminal.lines.filter(Boolean).at(-1)).to.equal('Logs: air logs 42');
    expect((await air(['get', 'run', '42'])).stderr).to.equal('');
  });

  it('warns on stderr when the configuration cannot be read, and in the data of JSON', async () => {
    user.server.script({ 'GET /api/2.0/workspace/export': apiError(404, 'RESOURCE_DOES_NOT_EXIST', 'gone') });
    const text = await air(['get', 'run', '42']);
    expect(text.code).to.equal(0);
    expect(text.stderr).to.contain('Warning: ').and.contain('training_config.yaml');
    expect(text.stdout).to.contain('Metadata').and.not.to.contain('Warning');
    const json = await air(['get', 'run', '42', '--json']);
    expect(json.stderr).to.equal('');
    expect(envelopeOf(json).data?.['warnings']).to.have.length(1);
  });

  it('refuses ids that are none and runs that are unknown', async () => {
    const wrong = await air(['get', 'run', 'abc', '-o', 'json']);
    expect(wrong.code).to.equal(2);
    expect(envelopeOf(wrong).error?.code).to.equal('INVALID_ARGS');
    const unknown = await air(['get', 'run', '7', '-o', 'json']);
    expect(unknown.code).to.equal(5);
    expect(envelopeOf(unknown).error).to.include({ code: 'NOT_FOUND', kind: 'NOT_FOUND', retryable: false });
  });

  describe('--watch', () => {
    const states = () => {
      const failed = trainingRun({ state: { life_cycle_state: 'TERMINATED', result_state: 'FAILED' } });
      user.server.script({
        'GET /api/2.2/jobs/runs/get': [
          { json: runningRun({ state: { life_cycle_state: 'PENDING' } }) },
          { json: runningRun() },
          { json: failed },
        ],
      });
    };

    it('writes changes of state as NDJSON and closes with the whole run, exit code 0', async () => {
      states();
      const result = await air(['get', 'run', '42', '--watch', '-o', 'json']);
      expect(result.code, result.stderr).to.equal(0);
      const lines = result.stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>);
      expect(lines.map(({ type, status, previous_status }) => [type, status, previous_status])).to.deep.equal(
        [
          ['STATUS', 'PENDING', undefined],
          ['STATUS', 'RUNNING', 'PENDING'],
          ['STATUS', 'FAILED', 'RUNNING'],
          [undefined, undefined, undefined],
        ],
      );
      expect(lines.at(-1)?.['data']).to.include({ run_id: '42', status: 'FAILED' });
    });

    it('prints the view once into a pipe, with the changes beside it', async () => {
      states();
      const result = await air(['get', 'run', '42', '--watch']);
      expect(result.stdout.match(/Metadata/g)).to.have.length(1);
      expect(result.stdout).to.contain('● FAILED');
      expect(result.stderr).to.match(/PENDING\n.*RUNNING\n.*FAILED\n/);
    });

    it('ends at once on an interrupt, and says how to go on', async () => {
      user.server.script({ 'GET /api/2.2/jobs/runs/get': { json: runningRun() } });
      const result = await air(['get', 'run', '42', '--watch', '-o', 'json'], {
        onStart(child) {
          child.stdout?.once('data', () => child.kill('SIGINT'));
        },
      });
      expect(result.code).to.equal(130);
      expect(envelopeOf(result).error?.hint)
        .to.contain('air get run 42 --watch')
        .and.contain('air cancel 42');
    });
  });

  it('lists every column and link in JSON', async () => {
    const result = await air(['list', '-o', 'json']);
    expect(result.code, result.stderr).to.equal(0);
    const { data } = envelopeOf(result);
    expect(data).to.deep.include({ dropped: 0, has_more: false, truncated: false });
    const [first, second] = data?.['runs'] as Record<string, unknown>[];
    expect(first).to.deep.include({
      run_id: '42',
      status: 'SUCCESS',
      mlflow_run_name: 'name-of-mlflow1001',
      num_accelerators: 16,
    });
    expect(first?.['mlflow_url']).to.be.a('string');
    expect(second).to.deep.include({ run_id: '43', status: 'RUNNING' });
  });

  it('lists as a plain table into a pipe, says when nothing is there, and refuses wrong flags', async () => {
    const table = await air(['list', 'runs']);
    expect(table.stdout).to.match(/^Run ID .*\n42 .*\n43 .*\n$/);
    const empty = await air(['list', '--filter', 'status=PENDING']);
    expect(empty).to.deep.include({ code: 0, stdout: 'No runs found.\n', stderr: '' });
    const none = await air(['list', '--all-users', '--filter', 'experiment=x*']);
    expect(none).to.deep.include({
      code: 0,
      stdout: 'No runs found.\n',
      stderr:
        "Only active runs were looked for. Finished ones too: air list --all-status --all-users --filter 'experiment=x*'\n",
    });
    for (const args of [
      ['--limit', '0'],
      ['--limit', 'x'],
      ['--filter', 'colour=red'],
      ['--filter', 'status=FAILD'],
      ['extra'],
    ]) {
      const wrong = await air(['list', ...args, '-o', 'json']);
      expect(wrong.code, args.join(' ')).to.equal(2);
      expect(envelopeOf(wrong).error?.code).to.equal('INVALID_ARGS');
    }
  });
});
