import { followRun, type FollowEvent } from '../../src/lib/logs/follow.js';
import type { LogLine } from '../../src/lib/logs/line.js';
import { exitCodeOf } from '../../src/lib/runs/verdict.js';
import { testContext } from './context.js';
import { JumpingClock } from './faults-clock.js';
import { Random } from './faults-random.js';
import { drawScenario, type Scenario, type WrittenLine } from './faults-scenario.js';
import { rigRunId, startRig } from './faults.js';

/** Milliseconds of real time: never reached, since what hangs is cut on the rig's clock. */
const realTimeout = 60_000;

export interface RigRun {
  readonly scenario: Scenario;
  readonly printed: LogLine[];
  readonly exitCode: number;
  readonly played: ReadonlyMap<string, number>;
  /** What is wrong with it, in words; empty when all is as it must be. */
  readonly faults: string[];
}

/** Follows the run of one seed through the rig and compares what was printed with what was written. */
export async function seededRun(seed: number): Promise<RigRun> {
  const random = new Random(seed);
  return rigRun(drawScenario(random), random);
}

/** Follows the run of a scenario. */
export async function rigRun(scenario: Scenario, random: Random): Promise<RigRun> {
  const clock = new JumpingClock(scenario.begins);
  const context = testContext(clock);
  const rig = await startRig(scenario, random, clock, context);
  const printed: LogLine[] = [];
  const retries = new RetryStory(scenario);
  try {
    const events = followRun(
      rig.workspace,
      rigRunId,
      {
        attempt: scenario.tail === null ? 'first' : 'latest',
        nodes: null,
        tail: scenario.tail,
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
        const wrong = [...compare(scenario, printed, exitCode), ...retries.faults];
        return { scenario, printed, exitCode, played: rig.played, faults: wrong };
      }
      retries.tell(next.value);
      if (next.value.type === 'lines') printed.push(...next.value.lines);
    }
  } finally {
    await rig.close();
  }
}

/** Every retry is announced once, in order, before the first line of its attempt. */
class RetryStory {
  private attempt: number;
  private readonly wrong: string[] = [];

  constructor(private readonly scenario: Scenario) {
    const { tail, begins, phases } = scenario;
    const atBeginning = phases.findLast(({ from }) => from <= begins)?.attempt ?? 0;
    this.attempt = tail === null ? 0 : atBeginning;
  }

  tell(event: FollowEvent): void {
    if (event.type === 'retry') {
      if (event.retry !== ++this.attempt) this.wrong.push(`retry ${event.retry} instead of ${this.attempt}`);
    }
    if (event.type !== 'lines') return;
    const early = event.lines.find(({ attempt }) => attempt > this.attempt);
    if (early) this.wrong.push(`a line of attempt ${early.attempt} before its retry was announced`);
  }

  get faults(): string[] {
    const { maxRetries } = this.scenario;
    return this.attempt === maxRetries
      ? this.wrong
      : [...this.wrong, `told of ${this.attempt} retries, not of ${maxRetries}`];
  }
}

function compare(scenario: Scenario, printed: readonly LogLine[], exitCode: number): string[] {
  const expected = scenario.result === 'SUCCESS' ? 0 : 1;
  const wrong = exitCode === expected ? [] : [`exit code ${exitCode} instead of ${expected}`];
  const first = scenario.tail === null ? 0 : Math.min(...printed.map((line) => line.attempt));
  for (let attempt = 0; attempt <= scenario.maxRetries; attempt++) {
    for (let node = 0; node < scenario.nodes; node++) {
      const own = (line: { attempt: number; node: number }) => line.attempt === attempt && line.node === node;
      const written = scenario.lines.filter(own);
      const shown = printed.filter(own);
      const isCut = scenario.tail !== null && attempt <= first;
      const fault = isCut ? faultOfTail(written, shown) : faultOfAll(written, shown);
      if (fault) wrong.push(`attempt ${attempt}, node ${node}: ${fault}`);
    }
  }
  const least = leastOfTail(scenario);
  if (printed.length < least) wrong.push(`${printed.length} lines instead of the last ${least} or more`);
  return wrong;
}

/** Every line once, and those that were not late in order. */
function faultOfAll(written: readonly WrittenLine[], shown: readonly LogLine[]): string | null {
  if (tally(written) !== tally(shown)) return `${shown.length} lines instead of ${written.length}`;
  const [inOrder, inOrderShown] = onTime(written, shown);
  return inOrder.join('\n') === inOrderShown.join('\n') ? null : 'out of order';
}

/** Every line from some line on. */
function faultOfTail(written: readonly WrittenLine[], shown: readonly LogLine[]): string | null {
  const [inOrder, inOrderShown] = onTime(written, shown);
  const tail = inOrder.slice(inOrder.length - inOrderShown.length);
  return tail.join('\n') === inOrderShown.join('\n') ? null : `not the last ${shown.length} lines`;
}

function onTime(written: readonly WrittenLine[], shown: readonly LogLine[]): [string[], string[]] {
  const late = new Set(written.filter((line) => line.late).map((line) => line.body));
  const bodies = (lines: readonly { body: string }[]) =>
    lines.map((line) => line.body).filter((body) => !late.has(body));
  return [bodies(written), bodies(shown)];
}

/** How many lines a tail has at least. Stored files give each node its share, so they promise no number. */
function leastOfTail({ tail, lines, begins, serviceEnds, answersOneNode, phases }: Scenario): number {
  if (tail === null || serviceEnds !== null || answersOneNode) return 0;
  const attempt = phases.findLast((phase) => phase.from <= begins)?.attempt ?? 0;
  const there = lines.filter((line) => line.attempt === attempt && line.visible <= begins);
  return Math.min(tail, there.length);
}

function tally(lines: readonly { body: string }[]): string {
  return lines
    .map((line) => line.body)
    .sort()
    .join('\n');
}
