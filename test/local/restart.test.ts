import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Run } from '../../src/lib/workspace/contract/index.js';
import { startLocalWorkspace, type ScratchWorkspace } from '../support/local-workspace.js';
import { MlflowApi } from '../support/mlflow.js';

/** How many seeded moments; the soak run asks for more. */
const moments = Number(process.env['AIR_TEST_RESTARTS'] ?? 20);

describe('the server of the local workspace, killed', () => {
  let lw: ScratchWorkspace;
  before(async () => {
    lw = await startLocalWorkspace({ AIR_LOCAL_CPU_RUNS: '4' });
  });
  after(function () {
    // Hundreds of runs have many files, which a busy disk removes slowly.
    this.timeout(120_000);
    return lw.close();
  });

  it('is started again by the supervisor at the same address; the run and its lines go on', async () => {
    const runId = await lw.submit({ command: 'for i in $(seq 30); do echo $i; sleep 0.1; done; exit 5' });
    await lw.until(runId, (run) => run.state?.life_cycle_state === 'RUNNING');
    const { host, token } = lw;
    const killed = lw.serverPid;
    await lw.killServer();
    const run = await lw.untilOver(runId);
    expect(lw.serverPid).to.not.equal(killed);
    expect([lw.host, lw.token]).to.deep.equal([host, token]);
    expect(run.state?.state_message).to.match(/exit code 5/);
    expect(await lw.text(runId)).to.deep.equal(Array.from({ length: 30 }, (_, i) => String(i + 1)));
  });

  it('knows the token of a run that it accepted before it was killed', async () => {
    const submission = { command: 'true', token: 'kept' };
    const runId = await lw.submit(submission);
    await lw.killServer();
    await lw.start();
    expect(await lw.submit(submission)).to.equal(runId);
  });

  it(`loses nothing and starts nothing twice, whenever it is killed (${moments} seeded moments)`, async function () {
    this.timeout(moments * 15_000);
    const random = seeded(20_260_131);
    const points = new LoggedPoints(lw);
    await points.begin();
    for (let number = 0; number < moments; number++) {
      const moment = momentOf(number, random);
      const submission = {
        command: 'echo $MLFLOW_RUN_ID $NODE_RANK >> ../../../starts; ' + moment.command,
        nodes: moment.nodes,
        token: `moment-${number}`,
        maxRetries: 1,
      };
      const submitted = lw.submit(submission).catch(() => undefined);
      const kill = delay(moment.pause).then(() => lw.killServer());
      const first = await submitted;
      if (moment.canceled && first !== undefined) await cancel(lw, first).catch(() => undefined);
      await kill;
      await lw.start();
      // A client whose answer was lost asks again with the same token.
      const runId = await lw.submit(submission);
      if (first !== undefined) expect(runId, moment.name).to.equal(first);
      if (moment.canceled) await cancel(lw, runId);
      const run = await lw.untilOver(runId);
      checkOutcome(moment, run);
      await checkLines(lw, moment, run);
      checkStarts(lw, moment, run);
    }
    await points.checkAll();
  });
});

/** One run, and when the server is killed under it. */
interface Moment {
  name: string;
  command: string;
  nodes: number;
  exitCode: number;
  canceled: boolean;
  /** Milliseconds from its submission to the kill. */
  pause: number;
}

const spoken = ['begin', '1', '2', '3', '4', '5'];

function momentOf(number: number, random: () => number): Moment {
  const exitCode = Math.floor(random() * 3);
  const canceled = random() < 0.25;
  const nodes = random() < 0.25 ? 2 : 1;
  // Two attempts take longer than one: the kill may fall anywhere up to the end.
  const pause = random() * (exitCode === 0 ? 900 : 1600);
  const name = `moment ${number}: exit ${exitCode}${canceled ? ', canceled' : ''}, ${nodes} nodes, after ${Math.round(pause)} ms`;
  const command = `echo begin; for i in 1 2 3 4 5; do echo $i; sleep 0.05; done; exit ${exitCode}`;
  return { name, command, nodes, exitCode, canceled, pause };
}

function checkOutcome({ name, exitCode, canceled }: Moment, run: Run): void {
  const result = run.state?.result_state;
  const expected = exitCode === 0 ? 'SUCCESS' : 'FAILED';
  expect(canceled ? [expected, 'CANCELED'] : [expected], `${name}: ${JSON.stringify(run.state)}`).to.include(
    result,
  );
  const attempts = run.tasks?.length ?? 0;
  if (!canceled) expect(attempts, name).to.equal(exitCode === 0 ? 1 : 2);
}

/** Every line of every node stands once and in its order; only a node that was stopped may lack the last ones. */
async function checkLines(lw: ScratchWorkspace, moment: Moment, run: Run): Promise<void> {
  for (const { attempt_number: attempt = 0, state } of run.tasks ?? []) {
    const stopped = state?.result_state === 'CANCELED' || (moment.exitCode !== 0 && moment.nodes > 1);
    for (let node = 0; node < moment.nodes; node++) {
      const lines = await lw.text(
        String(run.run_id),
        `ref.attempt_number=${attempt}&filter.node_index=${node}`,
      );
      expect(lines, moment.name).to.deep.equal(stopped ? spoken.slice(0, lines.length) : spoken);
    }
  }
}

/** Each node of each attempt was started at most once, and exactly once when nothing was stopped early. */
function checkStarts(lw: ScratchWorkspace, moment: Moment, run: Run): void {
  const file = join(lw.layout.run(String(run.run_id)), 'starts');
  const starts = existsSync(file) ? readFileSync(file, 'utf8').trim().split('\n') : [];
  expect(new Set(starts).size, `${moment.name}: ${starts.join(', ')}`).to.equal(starts.length);
  const most = (run.tasks?.length ?? 0) * moment.nodes;
  const stopped = moment.canceled || (moment.exitCode !== 0 && moment.nodes > 1);
  if (stopped) expect(starts.length, moment.name).to.be.at.most(most);
  else expect(starts.length, moment.name).to.equal(most);
}

/** A client that logs one point of a metric after another, whatever happens to the server. */
class LoggedPoints {
  private readonly acknowledged: number[] = [];
  private readonly mlflow: MlflowApi;
  private runId = '';
  private going = true;
  private logging = Promise.resolve();

  constructor(lw: ScratchWorkspace) {
    this.mlflow = new MlflowApi(lw);
  }

  async begin(): Promise<void> {
    this.runId = await this.mlflow.newRun();
    this.logging = this.log();
  }

  /** Ends the logging; no point that was acknowledged may be missing. */
  async checkAll(): Promise<void> {
    this.going = false;
    await this.logging;
    const { points } = await this.mlflow.history(this.runId, 'loss', 25_000);
    const held = new Set(points.map(({ step }) => Number(step)));
    expect(this.acknowledged.length).to.be.greaterThan(moments);
    expect(this.acknowledged.filter((step) => !held.has(step))).to.deep.equal([]);
  }

  private async log(): Promise<void> {
    for (let step = 0; this.going; step++) {
      const point = { run_id: this.runId, key: 'loss', value: step, timestamp: Date.now(), step };
      const answer = await this.mlflow.post('runs/log-metric', point).catch(() => undefined);
      if (answer?.status === 200) this.acknowledged.push(step);
      await delay(10);
    }
  }
}

async function cancel(lw: ScratchWorkspace, runId: string): Promise<void> {
  await lw.request('POST', '/api/2.2/jobs/runs/cancel', { run_id: Number(runId) });
}

/** Numbers from 0 to 1 that are the same in every run of the test. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}
