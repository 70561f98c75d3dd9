import type { Database, SqlRow, SqlValue } from './database.js';
import { metricOf, storedMetric, type MetricPoint } from './tracking-values.js';

type StretchRow = SqlRow & { stretch: bigint; value: SqlValue; timestamp: bigint; step: bigint };

/** Points read at a time: some milliseconds' worth. */
const pieceSize = 4000;

/**
 * Some of the next points of a series, summed up by SQLite: the lowest and the highest of each stretch, then the
 * last one of all, whose `stretch` is the number of points read. What is no number counts only where nothing else is.
 */
const pieceQuery = `
  WITH piece AS MATERIALIZED (
    SELECT timestamp, step, value, iif(typeof(value) = 'real', value, NULL) AS number,
           row_number() OVER () - 1 + ? AS place
    FROM (SELECT timestamp, step, value FROM metric_points
          WHERE metric_key = ? AND (timestamp, step, value) > (?, ?, ?) AND step BETWEEN ? AND ?
          ORDER BY timestamp, step, value LIMIT ${pieceSize})
  )
  SELECT place / ? AS stretch, timestamp, step, value, min(number) AS extreme FROM piece GROUP BY 1
  UNION ALL
  SELECT place / ? AS stretch, timestamp, step, value, max(number) AS extreme FROM piece GROUP BY 1
  UNION ALL
  SELECT * FROM (SELECT place + 1, timestamp, step, value, NULL FROM piece ORDER BY place DESC LIMIT 1)`;

export interface StepRange {
  from: bigint;
  to: bigint;
}

export const allSteps: StepRange = { from: -(2n ** 63n), to: 2n ** 63n - 1n };

/**
 * The course of a series in a bounded number of points. The series is cut into stretches of equal length, of which
 * the lowest and the highest point are kept; as it grows, neighbouring stretches become one. Growing costs no more
 * than reading what is new.
 */
export class Outline {
  private stretches: { low: MetricPoint; high: MetricPoint }[] = [];
  private stretchSize = 1;
  private seen = 0;
  private last: MetricPoint | undefined;

  constructor(
    readonly metricKey: bigint,
    private readonly key: string,
    private readonly limit: number,
    private readonly steps: StepRange,
  ) {}

  /** Whether a point may belong where this outline has been already: then it has to be made anew. */
  isPast({ timestamp, step }: MetricPoint): boolean {
    if (!this.last) return false;
    return timestamp === this.last.timestamp ? step <= this.last.step : timestamp < this.last.timestamp;
  }

  /** Takes up the next piece of the series. Answers whether there may be more. */
  grow(database: Database): boolean {
    const { last, stretchSize, steps } = this;
    const after: SqlValue[] = last
      ? [last.timestamp, last.step, storedMetric(last.value)]
      : [allSteps.from, allSteps.from, -Number.MAX_VALUE];
    const rows = database.all<StretchRow>(
      pieceQuery,
      ...[BigInt(this.seen), this.metricKey, ...after, steps.from, steps.to],
      ...[BigInt(stretchSize), BigInt(stretchSize)],
    );
    const end = rows.pop();
    if (!end) return false;
    for (const row of rows) this.absorb(Number(row.stretch), this.point(row));
    const read = Number(end.stretch) - this.seen;
    this.seen += read;
    this.last = this.point(end);
    while (this.stretches.length > Math.max(1, this.limit / 2)) this.condense();
    return read === pieceSize;
  }

  /** The points that are kept, by step; the last of the series is always among them. */
  points(): MetricPoint[] {
    const kept = this.stretches.flatMap(({ low, high }) => (isSame(low, high) ? [low] : [low, high]));
    const { last } = this;
    if (last && !kept.some((point) => isSame(point, last))) kept.push(last);
    return kept.sort(byStep);
  }

  private absorb(index: number, point: MetricPoint): void {
    const held = this.stretches[index];
    if (!held) this.stretches[index] = { low: point, high: point };
    else {
      held.low = lower(held.low, point);
      held.high = higher(held.high, point);
    }
  }

  private condense(): void {
    const stretches = this.stretches;
    this.stretches = [];
    this.stretchSize *= 2;
    for (const [index, { low, high }] of stretches.entries()) {
      this.absorb(Math.floor(index / 2), low);
      this.absorb(Math.floor(index / 2), high);
    }
  }

  private point({ value, timestamp, step }: StretchRow): MetricPoint {
    return { key: this.key, value: metricOf(value), timestamp, step };
  }
}

function lower(a: MetricPoint, b: MetricPoint): MetricPoint {
  if (!Number.isFinite(a.value)) return b;
  return b.value < a.value ? b : a;
}

function higher(a: MetricPoint, b: MetricPoint): MetricPoint {
  if (!Number.isFinite(a.value)) return b;
  return b.value > a.value ? b : a;
}

function isSame(a: MetricPoint, b: MetricPoint): boolean {
  return a.step === b.step && a.timestamp === b.timestamp && Object.is(a.value, b.value);
}

function byStep(a: MetricPoint, b: MetricPoint): number {
  if (a.step !== b.step) return a.step < b.step ? -1 : 1;
  return Number(a.timestamp - b.timestamp);
}
