import { PassThrough } from 'node:stream';
import { followRun } from '../../src/lib/logs/follow.js';
import type { LogLine } from '../../src/lib/logs/line.js';
import { exitCodeOf } from '../../src/lib/runs/verdict.js';
import { JumpingClock } from './faults-clock.js';
import { Random } from './faults-random.js';
import { drawScenario, rigStart, type Scenario } from './faults-scenario.js';
import { rigRunId, startRig } from './faults.js';

/** Milliseconds of real time: never reached, since what hangs is cut on the rig's clock. */
const realTimeout = 60_000;

export interface SeededRun {
  readonly seed: number;
  readonly scenario: Scenario;
  readonly printed: LogLine[];
  readonly exitCode: number;
  readonly played: ReadonlyMap<string, number>;
  /** What is wrong with it, in words; empty when all is as it must be. */
  readonly faults: string[];
}

/** Follows the run of one seed through the rig and compares what was printed with what was written. */
export async function seededRun(seed: number): Promise<SeededRun> {
  const random = new Random(seed);
  const scenario = drawScenario(random);
  const clock = new JumpingClock(rigStart);
  const silent = { write: () => undefined, isTTY: false, columns: undefined };
  const context = {
    io: { stdout: silent, stderr: silent, stdin: new PassThrough() },
    clock,
    signal: new AbortController().signal,
  };
  const rig = await startRig(scenario, random, clock, context);
  const printed: LogLine[] = [];
  try {
    const events = followRun(
      rig.workspace,
      rigRunId,
      {
        attempt: 'first',
        nodes: null,
        tail: null,
        since: null,
        until: null,
        follow: true,
        requestTimeout: realTimeout,
      },
      context,
    );
    for (;;) {
      const next = await events.next();
      if (next.done) {
        const exitCode = exitCodeOf(next.value.run);
        const wrong = compare(scenario, printed, exitCode);
        return { seed, scenario, printed, exitCode, played: rig.played, faults: wrong };
      }
      if (next.value.type === 'lines') printed.push(...next.value.lines);
    }
  } finally {
    await rig.close();
  }
}

function compare(scenario: Scenario, printed: readonly LogLine[], exitCode: number): string[] {
  const wrong: string[] = [];
  const expected = scenario.result === 'SUCCESS' ? 0 : 1;
  if (exitCode !== expected) wrong.push(`exit code ${exitCode} instead of ${expected}`);
  for (let attempt = 0; attempt <= scenario.maxRetries; attempt++) {
    for (let node = 0; node < scenario.nodes; node++) {
      const own = (line: { attempt: number; node: number }) => line.attempt === attempt && line.node === node;
      const written = scenario.lines.filter(own);
      const seen = printed.filter(own);
      const place = `attempt ${attempt}, node ${node}`;
      if (tally(written) !== tally(seen)) {
        wrong.push(`${place}: ${seen.length} lines instead of ${written.length}`);
      }
      const late = new Set(written.filter((line) => line.late).map((line) => line.body));
      const onTime = (line: { body: string }) => !late.has(line.body);
      const inOrder = written.filter(onTime).map((line) => line.body);
      const shown = seen.filter(onTime).map((line) => line.body);
      if (inOrder.join('\n') !== shown.join('\n')) wrong.push(`${place}: out of order`);
    }
  }
  return wrong;
}

function tally(lines: readonly { body: string }[]): string {
  return lines
    .map((line) => line.body)
    .sort()
    .join('\n');
}
