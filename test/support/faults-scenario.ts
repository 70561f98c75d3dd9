import type { Random } from './faults-random.js';

/** A line as its node wrote it. Times are milliseconds on the rig's clock. */
export interface WrittenLine {
  readonly attempt: number;
  readonly node: number;
  readonly time: string;
  readonly body: string;
  readonly id: string;
  /** When the log service shows it. */
  readonly visible: number;
  /** When the stored files hold it. */
  readonly stored: number;
  /** It became visible after lines that were written later. */
  readonly late: boolean;
}

export interface Phase {
  readonly from: number;
  readonly attempt: number;
  readonly lifeCycle: string;
  readonly result?: string;
}

/** What a run does, from its submission to its end, drawn from a seed. */
export interface Scenario {
  readonly nodes: number;
  readonly phases: readonly Phase[];
  readonly lines: readonly WrittenLine[];
  /** When the reader comes. */
  readonly begins: number;
  /** How many of the last lines the reader begins with; null for all. */
  readonly tail: number | null;
  readonly maxRetries: number;
  readonly result: string;
  /** From then on the log service answers that it does not exist. */
  readonly serviceEnds: number | null;
  /** The token is refused from then on, until it is renewed. */
  readonly tokenExpires: number | null;
  /** Whether records have ids. */
  readonly hasIds: boolean;
  readonly faultRate: number;
  /** A question about all nodes is answered with node 0 alone. */
  readonly answersOneNode: boolean;
  readonly layout: 'plain' | 'attempts';
  readonly store: 'mlflow' | 'volume';
  /** All attempts store into one MLflow run, instead of one each. */
  readonly sharesMlflowRun: boolean;
  /** Whether listings of stored files tell sizes. */
  readonly listsSizes: boolean;
  /** A question for part of a file is answered with all of it. */
  readonly ignoresRanges: boolean;
}

/** Milliseconds after an attempt's end until which its last lines may still appear. */
const latestAfterEnd = 1000;

export const rigStart = Date.UTC(2026, 0, 5, 12);

const bodies = ['step done', '', '\r 10%|#', 'näïve ✓ 日本', 'loss=0.5\tlr=1e-3', 'x'.repeat(3000)];

export function drawScenario(random: Random): Scenario {
  const nodes = random.pick([1, 1, 2, 3, 4]);
  const attempts = random.pick([1, 1, 1, 2, 3]);
  const hasLog = random.chance(0.95);
  const lag = random.pick([0, 0, 100, 700]);
  const isLong = random.chance(0.05);
  const phases: Phase[] = [{ from: 0, attempt: 0, lifeCycle: 'PENDING' }];
  const lines: WrittenLine[] = [];
  const ends: number[] = [];
  let now = rigStart + random.between(0, 5000);
  for (let attempt = 0; attempt < attempts; attempt++) {
    phases.push({ from: now, attempt, lifeCycle: 'RUNNING' });
    const steps = hasLog ? random.between(1, 60) : 0;
    for (let step = 0; step < steps; step++) {
      now += isLong ? random.between(0, 2500) : random.between(0, 400);
      const burst = random.chance(0.1) ? random.between(2, 60) : 1;
      for (let each = 0; each < burst; each++)
        lines.push(written(attempt, random.between(0, nodes - 1), now));
    }
    now += random.between(0, 500);
    ends.push(now);
    if (attempt < attempts - 1) {
      phases.push({ from: now, attempt, lifeCycle: 'WAITING_FOR_RETRY' });
      now += random.between(500, 8000);
    }
  }
  const result = random.pick(['SUCCESS', 'SUCCESS', 'FAILED', 'TIMEDOUT', 'CANCELED']);
  phases.push({
    from: now,
    attempt: attempts - 1,
    lifeCycle: random.chance(0.5) ? 'TERMINATED' : 'RUNNING',
    result,
  });
  const layout = random.pick(['attempts', 'attempts', 'plain'] as const);
  return {
    nodes,
    phases,
    lines: lines.map((line) => ({
      ...line,
      visible: Math.min(line.visible, (ends[line.attempt] ?? now) + latestAfterEnd),
    })),
    begins: random.chance(0.7) ? rigStart : rigStart + random.between(0, (now - rigStart) * 1.5),
    tail: random.chance(0.25) ? random.pick([1, 5, 30, 200]) : null,
    maxRetries: attempts - 1,
    result,
    serviceEnds: random.chance(0.2) ? rigStart + random.between(0, now - rigStart) : null,
    tokenExpires: random.chance(0.3) ? rigStart + random.between(0, now - rigStart) : null,
    hasIds: random.chance(0.6),
    faultRate: random.pick([0, 0.05, 0.15, 0.3]),
    answersOneNode: nodes > 1 && random.chance(0.25),
    layout,
    store: random.pick(['mlflow', 'mlflow', 'volume']),
    sharesMlflowRun: layout === 'attempts' && random.chance(0.5),
    listsSizes: random.chance(0.8),
    ignoresRanges: random.chance(0.2),
  };

  function written(attempt: number, node: number, at: number): WrittenLine {
    const number = lines.length;
    const body = random.chance(0.3) ? random.pick(bodies) : `attempt ${attempt} node ${node} line ${number}`;
    const late = lag === 0 && random.chance(0.02);
    return {
      attempt,
      node,
      time: (BigInt(at) * 1_000_000n + BigInt(number)).toString(),
      body,
      id: `r${number}`,
      visible: at + lag + (late ? random.between(300, 3000) : 0),
      stored: at + random.pick([0, 500, 1500]),
      late,
    };
  }
}
