import { expect } from 'chai';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { envelopeOf, runCli, type CliOptions, type CliResult } from '../support/cli.js';
import { startLocalWorkspace, type ScratchWorkspace } from '../support/local-workspace.js';

/** The one path that everybody walks: a file, a run, its log, its outcome; all over HTTP, all real processes. */
describe('a workload on the local workspace, from the file to the exit code', function () {
  this.timeout(90_000);
  let local: ScratchWorkspace;

  before(async () => {
    local = await startLocalWorkspace();
  });
  after(() => local.close());

  const air = (words: string[], options: CliOptions = {}): Promise<CliResult> =>
    runCli([...words, '--local'], { ...options, env: local.env });

  async function workload(command: string, more = ''): Promise<string> {
    const file = join(local.folder, `workload-${Math.random().toString(36).slice(2)}.yaml`);
    const indented = command.replaceAll('\n', '\n  ');
    await writeFile(
      file,
      'experiment_name: job\ncompute: {accelerator_type: GPU_1xA10, num_accelerators: 1}\n' +
        `max_retries: 0\n${more}command: |\n  ${indented}\n`,
    );
    return file;
  }

  const events = (result: CliResult) =>
    result.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  for (const [example, lines] of [
    ['hello', ['Hello from air: node 0 of 1, 1 GPU(s) on this node', 'done']],
    ['multi-node', ['node 0 round 2: mine 3, mean 4.5', 'node 1 round 2: mine 6, mean 4.5']],
    ['train', ['training on 1437 images, testing on 360', 'epoch 15/15']],
  ] as const) {
    it(`runs examples/${example}, streams its log, succeeds`, async () => {
      const result = await air(['run', '-f', `examples/${example}/train.yaml`, '--watch']);
      expect(result.code, result.stderr).to.equal(0);
      for (const line of lines) expect(result.stdout).to.include(line);
      expect(result.stderr).to.include('succeeded');
    });
  }

  it('says the same in NDJSON, and get run agrees', async () => {
    const result = await air(['run', '-f', 'examples/hello/train.yaml', '--watch', '-o', 'json']);
    const stream = events(result);
    expect(result.code).to.equal(0);
    expect(stream[0]).to.include({ type: 'SUBMITTED' });
    expect(stream.filter(({ type }) => type === 'LOG').map(({ line }) => line)).to.deep.equal([
      'Hello from air: node 0 of 1, 1 GPU(s) on this node',
      'step 1 of 3',
      'step 2 of 3',
      'step 3 of 3',
      'done',
    ]);
    const closing = envelopeOf(result).data;
    expect(closing).to.include({ status: 'SUCCESS', attempt_number: 0, timed_out: false });
    const details = envelopeOf(await air(['get', 'run', String(closing?.['run_id']), '-o', 'json'])).data;
    expect(details).to.include({
      run_id: closing?.['run_id'],
      status: 'SUCCESS',
      experiment_name: 'hello',
      accelerator_type: 'GPU_1xA10',
      dashboard_url: closing?.['dashboard_url'],
      mlflow_url: closing?.['mlflow_url'],
    });
    expect(Object.keys(details ?? {}).slice(0, 8)).to.deep.equal([
      'run_id',
      'status',
      'started_at',
      'duration_seconds',
      'attempt_number',
      'experiment_name',
      'dashboard_url',
      'mlflow_url',
    ]);
  });

  it('a command that exits with 3 fails the run, names node and code, and exits with 1', async () => {
    const result = await air(['run', '-f', await workload('echo working\nexit 3'), '--watch', '-o', 'json']);
    expect(result.code).to.equal(1);
    const closing = envelopeOf(result).data;
    expect(closing).to.include({ status: 'FAILED' });
    expect(closing?.['termination_reason'])
      .to.match(/node 0/i)
      .and.include('3');
  });

  it('a retried run shows the number of its attempt', async () => {
    const marker = join(local.folder, 'tried');
    const command = `if [ -e ${marker} ]; then echo second; else touch ${marker}; echo first; exit 1; fi`;
    const file = await workload(command);
    const result = await air(['run', '-f', file, '--watch', '-o', 'json', '--override', 'max_retries=1']);
    expect(result.code, result.stdout).to.equal(0);
    expect(envelopeOf(result).data).to.include({ status: 'SUCCESS', attempt_number: 1 });
    const lines = events(result).filter(({ type }) => type === 'LOG');
    expect(lines.map(({ line, attempt }) => [line, attempt])).to.deep.equal([
      ['first', 0],
      ['second', 1],
    ]);
  });

  it('an interrupt detaches, says how to go on, and the run goes on', async () => {
    let interrupt = () => undefined as unknown;
    const file = await workload('echo begun\nsleep 2\necho ended');
    const result = await air(['run', '-f', file, '--watch'], {
      onStart: (child) => (interrupt = () => child.kill('SIGINT')),
      onStdout: (text) => {
        if (text.includes('begun')) interrupt();
      },
    });
    expect(result.code).to.equal(130);
    const runId = /run (\d+)/i.exec(result.stdout)?.[1] ?? '';
    expect(result.stderr).to.include(`air logs ${runId} --local`).and.include(`air cancel ${runId} --local`);
    const rest = await air(['logs', runId]);
    expect(rest.code).to.equal(0);
    expect(rest.stdout.split('\n').filter(Boolean)).to.deep.equal(['begun', 'ended']);
  });

  it('killing the program loses nothing: the run goes on and is found', async () => {
    let kill = () => undefined as unknown;
    const file = await workload('echo begun\nsleep 1\necho ended');
    const result = await air(['run', '-f', file, '--watch'], {
      onStart: (child) => (kill = () => child.kill('SIGKILL')),
      onStdout: (text) => {
        if (text.includes('begun')) kill();
      },
    });
    expect(result.signal).to.equal('SIGKILL');
    const runId = /run (\d+)/i.exec(result.stdout)?.[1] ?? '';
    expect((await air(['logs', runId])).code).to.equal(0);
    const details = envelopeOf(await air(['get', 'run', runId, '-o', 'json'])).data;
    expect(details).to.include({ status: 'SUCCESS' });
  });

  it('prints nothing and exits at once when the reader of its output has gone', async () => {
    const result = await runCli(['list', '--local', '--all-status', '-o', 'json'], {
      env: local.env,
      onStart: (child) => child.stdout?.destroy(),
    });
    expect(result.stderr).to.equal('');
    expect(result.code).to.equal(0);
  });

  const wrong: [words: string, env: NodeJS.ProcessEnv, code: string, exit: number][] = [
    ['get run 5', {}, 'NOT_FOUND', 5],
    ['get run 5', { DATABRICKS_TOKEN: 'wrong' }, 'UNAUTHENTICATED', 4],
    ['get run 5', { DATABRICKS_HOST: 'http://127.0.0.1:1' }, 'INTERNAL_ERROR', 6],
  ];
  for (const [words, env, code, exit] of wrong) {
    it(`air ${words} with ${JSON.stringify(env)} is ${code}, exit ${exit}`, async () => {
      const place = { DATABRICKS_HOST: local.host, DATABRICKS_TOKEN: local.token, ...env };
      for (const format of ['text', 'json']) {
        const result = await runCli([...words.split(' '), '-o', format], { env: { ...local.env, ...place } });
        expect(result.code, result.stderr).to.equal(exit);
        if (format === 'text') expect(result.stderr).to.match(/^Error: /);
        else expect(envelopeOf(result).error).to.include({ code, retryable: exit === 6 });
      }
    });
  }
});
