import { expect } from 'chai';
import { setTimeout as delay } from 'node:timers/promises';
import type { Run } from '../../src/lib/workspace/contract/index.js';
import { startLocalWorkspace, type ScratchWorkspace } from '../support/local-workspace.js';

/** How many seeded moments; the soak run asks for more. */
const moments = Number(process.env['AIR_TEST_RESTARTS'] ?? 20);

describe('the server of the local workspace, killed', () => {
  let lw: ScratchWorkspace;
  before(async () => {
    lw = await startLocalWorkspace({ AIR_LOCAL_CPU_RUNS: '4' });
  });
  after(() => lw.close());

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
    for (let moment = 0; moment < moments; moment++) {
      const [ended, canceled] = [Math.floor(random() * 3), random() < 0.25];
      const pause = random() * 900;
      const place = `moment ${moment}: exit ${ended}${canceled ? ', canceled' : ''} after ${Math.round(pause)} ms`;
      const submission = {
        command: `echo begin; echo x >> ../../../starts; for i in 1 2 3 4 5; do echo $i; sleep 0.05; done; exit ${ended}`,
        token: `moment-${moment}`,
        maxRetries: 1,
      };
      const submitted = lw.submit(submission).catch(() => undefined);
      const kill = delay(pause).then(() => lw.killServer());
      const first = await submitted;
      if (canceled && first !== undefined) await cancel(lw, first).catch(() => undefined);
      await kill;
      await lw.start();
      // A client whose answer was lost asks again with the same token.
      const runId = await lw.submit(submission);
      if (first !== undefined) expect(runId, place).to.equal(first);
      if (canceled) await cancel(lw, runId);
      checkOutcome(place, await lw.untilOver(runId), ended, canceled);
      const run = await lw.run(runId);
      for (const { attempt_number: attempt = 0, state } of run.tasks ?? []) {
        const lines = await lw.text(runId, `ref.attempt_number=${attempt}`);
        const whole = ['begin', '1', '2', '3', '4', '5'];
        if (state?.result_state !== 'CANCELED') expect(lines, place).to.deep.equal(whole);
        else expect(lines, place).to.deep.equal(whole.slice(0, lines.length));
      }
    }
  });
});

function checkOutcome(place: string, run: Run, ended: number, canceled: boolean): void {
  const result = run.state?.result_state;
  const expected = ended === 0 ? 'SUCCESS' : 'FAILED';
  expect(canceled ? [expected, 'CANCELED'] : [expected], `${place}: ${JSON.stringify(run.state)}`).to.include(
    result,
  );
  const attempts = run.tasks?.length ?? 0;
  if (!canceled) expect(attempts, place).to.equal(ended === 0 ? 1 : 2);
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
