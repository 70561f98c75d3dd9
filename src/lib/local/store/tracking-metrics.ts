import { setImmediate } from 'node:timers/promises';
import type { Database, SqlValue } from './database.js';
import { compareMetrics, metricOf, storedMetric } from './tracking-values.js';

/** One value of a metric. Steps and timestamps are 64-bit integers. */
export interface MetricPoint {
  key: string;
  value: number;
  /** Milliseconds since the epoch. */
  timestamp: bigint;
  step: bigint;
}

type PointRow = { value: SqlValue; timestamp: bigint; step: bigint };

/** The place of a point in its series' order: by timestamp, step, value. */
export type HistoryPosition = Omit<MetricPoint, 'key'>;

/** Points read at a time where a whole history is gone through: some milliseconds' worth. */
const pieceSize = 4000;

/** The histories of metrics, and the newest point of each. */
export class MetricSeries {
  constructor(private readonly database: Database) {}

  /** Adds points to a run's series. The same point twice is one point, so that a batch can be sent again. */
  log(runKey: bigint, points: readonly MetricPoint[]): void {
    this.database.transaction(() => {
      const newest = new Map<string, MetricPoint>();
      const keys = new Map<string, bigint>();
      for (const point of points) {
        let metricKey = keys.get(point.key);
        if (metricKey === undefined) {
          metricKey = this.metricKey(runKey, point);
          keys.set(point.key, metricKey);
        }
        this.database.run(
          'INSERT OR IGNORE INTO metric_points (metric_key, timestamp, step, value) VALUES (?, ?, ?, ?)',
          metricKey,
          point.timestamp,
          point.step,
          storedMetric(point.value),
        );
        const known = newest.get(point.key);
        if (!known || isNewer(point, known)) newest.set(point.key, point);
      }
      for (const [key, point] of newest) this.advance(keys.get(key), point);
    });
  }

  latest(runKey: bigint): MetricPoint[] {
    return this.database
      .all<PointRow & { key: string }>(
        'SELECT key, value, timestamp, step FROM run_metrics WHERE run_key = ? ORDER BY key',
        runKey,
      )
      .map(readPoint);
  }

  /** Up to `limit` points of one series after a position, by timestamp, step and value. */
  history(runKey: bigint, key: string, limit: number, after?: HistoryPosition): MetricPoint[] {
    const values: SqlValue[] = [runKey, key];
    let condition = '';
    if (after) {
      condition = 'AND (p.timestamp, p.step, p.value) > (?, ?, ?)';
      values.push(after.timestamp, after.step, storedMetric(after.value));
    }
    return this.database
      .all<PointRow>(
        `SELECT p.value, p.timestamp, p.step FROM metric_points p
         WHERE p.metric_key = (SELECT metric_key FROM run_metrics WHERE run_key = ? AND key = ?) ${condition}
         ORDER BY p.timestamp, p.step, p.value LIMIT ?`,
        ...values,
        limit,
      )
      .map((row) => readPoint({ ...row, key }));
  }

  /**
   * At most about `limit` points that show the course of a series over its steps, by step: all of them if they are few,
   * else the lowest and the highest of each stretch and the very last. A long history is read in pieces, with room
   * for other requests between them.
   */
  async outline(
    runKey: bigint,
    key: string,
    limit: number,
    steps: { from?: bigint | undefined; to?: bigint | undefined } = {},
  ): Promise<MetricPoint[]> {
    const within = (point: MetricPoint) =>
      (steps.from === undefined || point.step >= steps.from) &&
      (steps.to === undefined || point.step <= steps.to);
    const outline = new Outline(Math.max(1, Math.ceil((2 * this.count(runKey, key)) / limit)));
    let after: MetricPoint | undefined;
    for (;;) {
      const piece = this.history(runKey, key, pieceSize, after);
      for (const point of piece) if (within(point)) outline.add(point);
      after = piece.at(-1);
      if (piece.length < pieceSize) break;
      await setImmediate();
    }
    return outline.points();
  }

  private count(runKey: bigint, key: string): number {
    const row = this.database.get<{ count: bigint }>(
      `SELECT count(*) AS count FROM metric_points
       WHERE metric_key = (SELECT metric_key FROM run_metrics WHERE run_key = ? AND key = ?)`,
      runKey,
      key,
    );
    return Number(row?.count ?? 0n);
  }

  private metricKey(runKey: bigint, first: MetricPoint): bigint {
    const find = 'SELECT metric_key FROM run_metrics WHERE run_key = ? AND key = ?';
    const held = this.database.get<{ metric_key: bigint }>(find, runKey, first.key);
    if (held) return held.metric_key;
    const made = this.database.get<{ metric_key: bigint }>(
      `INSERT INTO run_metrics (run_key, key, value, timestamp, step) VALUES (?, ?, ?, ?, ?)
       RETURNING metric_key`,
      runKey,
      first.key,
      storedMetric(first.value),
      first.timestamp,
      first.step,
    );
    return made?.metric_key ?? 0n;
  }

  private advance(metricKey: bigint | undefined, point: MetricPoint): void {
    if (metricKey === undefined) return;
    const held = this.database.get<PointRow>(
      'SELECT value, timestamp, step FROM run_metrics WHERE metric_key = ?',
      metricKey,
    );
    if (!held || !isNewer(point, readPoint({ ...held, key: point.key }))) return;
    this.database.run(
      'UPDATE run_metrics SET value = ?, timestamp = ?, step = ? WHERE metric_key = ?',
      storedMetric(point.value),
      point.timestamp,
      point.step,
      metricKey,
    );
  }
}

/** Keeps the lowest and the highest point of every `stretch` points. */
class Outline {
  private readonly kept: MetricPoint[] = [];
  private seen = 0;
  private low: MetricPoint | undefined;
  private high: MetricPoint | undefined;
  private last: MetricPoint | undefined;

  constructor(private readonly stretch: number) {}

  add(point: MetricPoint): void {
    this.last = point;
    if (this.stretch <= 2) {
      this.kept.push(point);
      return;
    }
    if (!this.low || compareMetrics(point.value, this.low.value) < 0) this.low = point;
    if (!this.high || compareMetrics(point.value, this.high.value) > 0) this.high = point;
    this.seen++;
    if (this.seen % this.stretch === 0) this.close();
  }

  points(): MetricPoint[] {
    this.close();
    if (this.last) this.kept.push(this.last);
    return [...new Set(this.kept)].sort(byStep);
  }

  private close(): void {
    for (const point of [this.low, this.high]) if (point) this.kept.push(point);
    this.low = undefined;
    this.high = undefined;
  }
}

function byStep(a: MetricPoint, b: MetricPoint): number {
  if (a.step !== b.step) return a.step < b.step ? -1 : 1;
  return Number(a.timestamp - b.timestamp);
}

/** MLflow's order: the newest point has the highest step, then the latest timestamp, then the highest value. */
function isNewer(a: MetricPoint, b: MetricPoint): boolean {
  if (a.step !== b.step) return a.step > b.step;
  if (a.timestamp !== b.timestamp) return a.timestamp > b.timestamp;
  return compareMetrics(a.value, b.value) > 0;
}

function readPoint(row: PointRow & { key: string }): MetricPoint {
  return { key: row.key, value: metricOf(row.value), timestamp: row.timestamp, step: row.step };
}
