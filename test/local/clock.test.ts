import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { Run } from '../../src/lib/workspace/contract/index.js';
import { packageRoot } from '../support/cli.js';
import { emptyLocalWorkspace, type ScratchWorkspace } from '../support/local-workspace.js';

const hour = 3_600_000;
const shiftedClock = fileURLToPath(new URL('../support/shifted-clock.mjs', import.meta.url));

describe('the local workspace while the clock jumps', function () {
  this.timeout(60_000);
  let lw: ScratchWorkspace;
  beforeEach(async () => {
    lw = emptyLocalWorkspace();
    shift(0);
    const server = join(packageRoot, 'dist/lib/local/server/main.js');
    const clock = { NODE_OPTIONS: `--import=${shiftedClock}`, AIR_TEST_CLOCK: clockFile() };
    spawn(process.execPath, [server, lw.dataDirectory], {
      env: { ...lw.env, ...clock },
      detached: true,
      stdio: 'ignore',
    }).unref();
    while (lw.serverPid === undefined) await delay(10);
    await lw.start();
  });
  afterEach(() => lw.close());

  for (const [way, offset] of [
    ['forwards', hour],
    ['backwards', -hour],
  ] as const) {
    it(`${way} by an hour keeps lines in order, limits as they were, and no length of time below zero`, async () => {
      const command = 'for i in 1 2 3 4 5 6; do echo $i; sleep 0.2; done; exit 3';
      const runId = await lw.submit({ command, timeoutSeconds: 60, maxRetries: 1 });
      const waiting = await lw.submit({ command: 'echo after' });
      while ((await lw.text(runId, 'ascending=false&ref.attempt_number=0')).length < 2) await delay(20);
      shift(offset);
      const run = await lw.untilOver(runId);
      expect(run.state?.state_message).to.match(/exit code 3/);
      expect(run.tasks).to.have.length(2);
      for (const attempt of [0, 1]) {
        const lines = await lw.lines(runId, `ref.attempt_number=${attempt}`);
        expect(lines.map(({ body }) => body)).to.deep.equal(['1', '2', '3', '4', '5', '6']);
        const times = lines.map(({ time_unix_nano: time }) => BigInt(time ?? 0));
        for (const [i, time] of times.entries())
          if (i > 0) expect(time > (times[i - 1] ?? 0n)).to.equal(true);
      }
      for (const length of lengthsOf(run)) expect(length).to.be.at.least(0);
      expect((await lw.untilOver(waiting)).state?.result_state).to.equal('SUCCESS');
    });
  }

  function clockFile(): string {
    return join(lw.folder, 'clock');
  }

  function shift(milliseconds: number): void {
    writeFileSync(`${clockFile()}.new`, String(milliseconds));
    renameSync(`${clockFile()}.new`, clockFile());
  }
});

function lengthsOf(run: Run): number[] {
  const tasks = (run.tasks ?? []).flatMap((task) => [
    task.setup_duration,
    task.execution_duration,
    task.run_duration,
    task.queue_duration,
  ]);
  return [run.run_duration, ...tasks].map((length) => length ?? 0);
}
