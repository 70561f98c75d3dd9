import { expect } from 'chai';
import type { ChildProcess } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { envelopeOf, runCli, type CliOptions, type CliResult } from '../support/cli.js';
import { startLocalWorkspace, type ScratchWorkspace } from '../support/local-workspace.js';

/** Every kind of bytes that a program may print. */
const oddOutput = String.raw`
printf 'first\nnul [\000] here\nbad [\377\376] here\n\n'
printf '\033]0;title\007moved \033[2J\033[31mred\033[0m\n'
printf '\rstep 1\rstep 2\rstep 3\n'
printf 'crlf\r\nagain\r\n'
head -c 1000000 /dev/zero | tr '\0' x; echo
printf 'no end'
`;

interface LogEvent {
  type: string;
  node: number;
  line: string;
  time_unix_nano: string;
  attempt: number;
}

const events = (result: CliResult) =>
  result.stdout
    .trimEnd()
    .split('\n')
    .slice(0, -1)
    .map((text) => JSON.parse(text) as LogEvent);
const lines = (result: CliResult) => result.stdout.split('\n').slice(0, -1);

describe('air logs', function () {
  this.timeout(120_000);
  let workspace: ScratchWorkspace;
  let odd: string;
  let nodes: string;
  let retried: string;
  let silent: string;
  let endless: string;

  const air = (args: string[], options: CliOptions = {}) =>
    runCli([...args, '--local'], { ...options, env: { ...workspace.env, ...options.env } });
  const logs = (id: string, ...flags: string[]) => air(['logs', id, ...flags]);

  before(async () => {
    workspace = await startLocalWorkspace({ AIR_LOCAL_CPU_RUNS: '8' });
    [odd, nodes, retried, silent, endless] = await Promise.all([
      workspace.submit({ command: oddOutput }),
      workspace.submit({ command: 'for i in 1 2 3; do echo "n$NODE_RANK line $i"; done', nodes: 3 }),
      workspace.submit({
        command:
          'echo "attempt $NODE_RANK"; [ "$NODE_RANK" = 0 ] && sleep 30; echo "CUDA error: boom"; exit 3',
        nodes: 2,
        maxRetries: 1,
      }),
      workspace.submit({ command: 'exit 137' }),
      workspace.submit({ command: 'while :; do echo "tick $((i = i + 1))"; sleep 0.1; done' }),
    ]);
    await Promise.all([odd, nodes, retried, silent].map((id) => workspace.untilOver(id)));
  });
  after(() => workspace.close());

  it('prints every line of a run once, whatever its bytes', async () => {
    const result = await logs(odd);
    expect(result.code, result.stderr).to.equal(0);
    expect(lines(result)).to.deep.equal([
      'first',
      'nul [\0] here',
      'bad [\uFFFD\uFFFD] here',
      '',
      '\u001B]0;title\u0007moved \u001B[2J\u001B[31mred\u001B[0m',
      'step 3',
      'crlf',
      'again',
      'x'.repeat(1_000_000),
      'no end',
    ]);
    expect(result.stderr).to.include('succeeded').and.include('/jobs/runs/');
  });

  it('tells each record with node, attempt and time in JSON, and closes with the verdict', async () => {
    const result = await logs(retried, '--json');
    expect(result.code).to.equal(1);
    const all = events(result).filter(({ node }) => node === 1);
    expect(all.map(({ type, line }) => `${type} ${line}`)).to.deep.equal([
      'LOG attempt 1',
      'ALERT CUDA error: boom',
      'LOG CUDA error: boom',
    ]);
    for (const { attempt, time_unix_nano } of all) {
      expect(attempt).to.equal(1);
      expect(time_unix_nano).to.match(/^\d{19}$/);
    }
    const { data } = envelopeOf(result);
    expect(data).to.include({ run_id: retried, status: 'FAILED', attempt_number: 1, timed_out: false });
    expect(result.stderr).to.equal('');
  });

  it('shows the lines of several nodes with their node, of one without', async () => {
    const [all, some, one] = await Promise.all([
      logs(nodes),
      logs(nodes, '--node', '0,2'),
      logs(nodes, '--node', '1'),
    ]);
    const expected = [0, 1, 2].flatMap((node) => [1, 2, 3].map((i) => `[node ${node}] n${node} line ${i}`));
    expect(lines(all).sort()).to.deep.equal(expected);
    expect(lines(some).sort()).to.deep.equal(expected.filter((line) => !line.includes('n1')));
    expect(lines(one)).to.deep.equal(['n1 line 1', 'n1 line 2', 'n1 line 3']);
  });

  it('shows the end only, an earlier attempt, or what matches', async () => {
    const [tail, first, found] = await Promise.all([
      logs(nodes, '--node', '1', '--lines', '2'),
      logs(retried, '--retry', '0', '--node', '1', '--json'),
      logs(nodes, '--node', '1', '--grep', 'line 1$', '-C', '1'),
    ]);
    expect(lines(tail)).to.deep.equal(['n1 line 2', 'n1 line 3']);
    expect(new Set(events(first).map(({ attempt }) => attempt ?? 0))).to.deep.equal(new Set([0]));
    expect(lines(found)).to.deep.equal(['n1 line 1', 'n1 line 2']);
    expect(found.stderr).not.to.include('No line matches');
  });

  it('says in text that no line matches', async () => {
    const [text, json] = await Promise.all([
      logs(nodes, '--grep', 'n[7]', '--tail', '2'),
      logs(nodes, '--grep', 'n[7]', '--json'),
    ]);
    expect([text.stdout, text.code]).to.deep.equal(['', 0]);
    expect(text.stderr).to.include('Showing the last 2 lines.');
    expect(text.stderr).to.match(/\nNo line matches "n\[7\]", from the last 2 lines on\.\n$/);
    expect(json.stderr).to.equal('');
  });

  it('counts one line as one', async () => {
    expect((await logs(nodes, '--tail', '1')).stderr).to.include('Showing the last line.');
  });

  it('limits the time', async () => {
    const [future, past] = await Promise.all([
      logs(nodes, '--since', '1d', '--until', '12h'),
      logs(nodes, '--minutes', '60', '--node', '0'),
    ]);
    expect(future.stdout).to.equal('');
    expect(future.stderr).to.include('no lines of that time');
    expect(lines(past)).to.have.length(3);
  });

  it('says that a run wrote nothing, and how it ended', async () => {
    const [text, json] = await Promise.all([logs(silent), logs(silent, '--json')]);
    expect(text.code).to.equal(1);
    expect(text.stdout).to.equal('');
    expect(text.stderr).to.include('has no logs').and.include('exit code 137');
    expect(json.stdout).to.match(/^\{"type":"(STATUS|ERROR)"/);
    expect(events(json).find(({ type }) => type === 'ERROR')?.line).to.include('137');
  });

  it('exits with 1 for a run that ran out of its time, and says so', async () => {
    const id = await workspace.submit({ command: 'echo begun; sleep 60', timeoutSeconds: 1 });
    const result = await logs(id);
    expect(result.code).to.equal(1);
    expect(result.stdout).to.equal('begun\n');
    expect(result.stderr).to.include('ran out of its time').and.include('1 seconds');
  });

  it('ends at once, with what is there, when told not to follow', async () => {
    await workspace.until(endless, ({ state }) => state?.life_cycle_state === 'RUNNING');
    const result = await logs(endless, '--no-follow');
    expect(result.code).to.equal(0);
    expect(result.stderr).to.include('goes on: RUNNING');
  });

  it('ends quietly when the reader has seen enough', async () => {
    const results = await Promise.all(
      [[], ['--json']].map((flags) =>
        air(['logs', endless, ...flags], {
          onStart: (child) => child.stdout?.once('data', () => child.stdout?.destroy()),
        }),
      ),
    );
    for (const { code, stderr } of results) {
      expect(code).to.equal(0);
      expect(stderr).to.equal('');
    }
  });

  it('at an interrupt says that the run goes on, and how to go on with it', async () => {
    let child: ChildProcess | undefined;
    const result = await air(['logs', endless], {
      onStart: (process) => (child = process),
      onStdout: () => child?.kill('SIGINT') && (child = undefined),
    });
    expect(result.code).to.equal(130);
    expect(result.stderr).to.include('goes on');
    expect(result.stderr)
      .to.include(`air logs ${endless} --local`)
      .and.include(`air cancel ${endless} --local`);
  });

  it('at a termination says the same in JSON', async () => {
    let child: ChildProcess | undefined;
    const result = await air(['logs', endless, '--json'], {
      onStart: (process) => (child = process),
      onStdout: () => child?.kill('SIGTERM') && (child = undefined),
    });
    expect(result.code).to.equal(143);
    expect(envelopeOf(result).error).to.include({ retryable: true });
    expect(result.stderr).to.equal('');
  });

  it('refuses what makes no sense, and a run, node or attempt that is not there', async () => {
    const cases: [flags: string[], exit: number, says: string][] = [
      [['--tail', '5', '--minutes', '5'], 2, '--minutes'],
      [['--tail', '0'], 2, '0'],
      [['--node', '2-1'], 2, '2-1'],
      [['--node', '3'], 2, 'nodes 0 to 2'],
      [['--node', '1', '--all-nodes'], 2, '--all-nodes'],
      [['--retry', '1'], 2, 'attempt 0 only'],
      [['--grep', '('], 2, '"(" is no regular expression: Unterminated group.'],
      [['-C', '2'], 2, '--grep'],
      [['--since', 'yesterday'], 2, 'yesterday'],
      [['--since', '1h', '--until', '2h'], 2, '--until'],
      [['--download-to', 'x', '--tail', '5'], 2, '--tail'],
    ];
    await Promise.all(
      cases.map(async ([flags, exit, says]) => {
        const result = await logs(nodes, ...flags);
        expect(result.code, flags.join(' ')).to.equal(exit);
        expect(result.stderr).to.include(says);
      }),
    );
    const unknown = await logs('12345');
    expect(unknown.code).to.equal(5);
    expect(unknown.stderr).to.include('12345').and.include('air list');
  });

  describe('--download-to', () => {
    const read = (folder: string, name: string) => readFileSync(join(folder, 'logs', name), 'utf8');

    it('writes a file for each node and one for all, and lists them', async () => {
      const folder = join(workspace.folder, 'several');
      const result = await logs(nodes, '--download-to', folder, '--json');
      expect(result.code, result.stdout).to.equal(0);
      const { data } = envelopeOf(result);
      expect(data).to.include({ run_id: nodes, status: 'SUCCESS', directory: folder, source: 'service' });
      expect(data?.['files']).to.deep.equal(
        [0, 1, 2].map((node) => ({
          node,
          path: join(folder, 'logs', `node_${node}.log`),
          bytes: 30,
          complete: true,
          missing_chunks: [],
          error: null,
        })),
      );
      expect(read(folder, 'node_1.log')).to.equal('n1 line 1\nn1 line 2\nn1 line 3\n');
      const all = read(folder, 'all_nodes.log').trimEnd().split('\n');
      expect(all).to.have.length(9).and.include('[node 2] n2 line 3');
    });

    it('says where no folder can be made', async function () {
      if (process.platform !== 'linux') this.skip();
      const result = await logs(nodes, '--download-to', '/proc/air', '--json');
      expect(result.code, result.stdout).to.equal(2);
      expect(envelopeOf(result).error).to.include({
        code: 'INVALID_ARGS',
        message: 'No folder can be made at /proc/air/logs.',
      });
    });

    it('goes on where it stopped, and repeats nothing', async () => {
      const folder = join(workspace.folder, 'again');
      await workspace.until(endless, ({ state }) => state?.life_cycle_state === 'RUNNING');
      const first = await logs(endless, '--download-to', folder);
      expect(first.code, first.stderr).to.equal(0);
      const before = read(folder, 'node_0.log');
      await logs(endless, '--download-to', folder);
      const after = read(folder, 'node_0.log');
      expect(after.startsWith(before)).to.equal(true);
      expect(after.length).to.be.greaterThan(before.length);
      const ticks = after.trimEnd().split('\n');
      expect(ticks).to.deep.equal(ticks.map((_, index) => `tick ${index + 1}`));
    });

    it('never mixes the logs of two runs', async () => {
      const folder = join(workspace.folder, 'mixed');
      await logs(nodes, '--download-to', folder);
      const result = await logs(odd, '--download-to', folder);
      expect(result.code).to.equal(2);
      expect(result.stderr).to.include(nodes);
      rmSync(folder, { recursive: true });
      expect((await logs(odd, '--download-to', folder)).code).to.equal(0);
      expect(read(folder, 'node_0.log')).to.match(
        /^first\nnul \[\0\] here\n[^]*\ncrlf\r\nagain\r\nx+\nno end\n$/,
      );
    });

    it('creates nothing for a run without logs', async () => {
      const folder = join(workspace.folder, 'nothing');
      const result = await logs(silent, '--download-to', folder);
      expect(result.code).to.equal(1);
      expect(result.stdout).to.include('no logs');
    });
  });

  it('reviews the last lines of every node, error-like ones marked', async () => {
    const [text, json] = await Promise.all([
      logs(retried, '--review', '--tail', '1'),
      logs(retried, '--review', '--json'),
    ]);
    expect(text.code).to.equal(1);
    expect(text.stdout).to.include('Node 1: the last line, 1 marked\n! CUDA error: boom\n');
    const [, second] = envelopeOf(json).data?.['nodes'] as { lines: object[] }[];
    expect(second?.lines).to.deep.equal([
      { line: 'attempt 1', marked: false },
      { line: 'CUDA error: boom', marked: true },
    ]);
  });
});
