import { setImmediate } from 'node:timers/promises';
import type { Database, SqlValue } from './database.js';
import { allSteps, Outline, type StepRange } from './tracking-outline.js';
import { compareMetrics, metricOf, storedMetric, type MetricPoint } from './tracking-values.js';

type PointRow = { value: SqlValue; timestamp: bigint; step: bigint };

/** The place of a point in its series' order: by timestamp, step, value. */
export type HistoryPosition = Omit<MetricPoint, 'key'>;

/** Points that one statement inserts: a statement for each would cost several times as much. */
const insertedAtOnce = 100;
/** Outlines that are kept to grow with their series: as many as are looked at at a time. */
const keptOutlines = 32;

/** The histories of metrics, and the newest point of each. */
export class MetricSeries {
  private readonly outlines = new Map<string, Outline>();

  constructor(private readonly database: Database) {}

  /** Adds points to a run's series. The same point twice is one point, so that a batch can be sent again. */
  log(runKey: bigint, points: readonly MetricPoint[]): void {
    this.database.transaction(() => {
      const newest = new Map<string, MetricPoint>();
      const keys = new Map<string, bigint>();
      const rows: SqlValue[][] = [];
      for (const point of points) {
        let metricKey = keys.get(point.key);
        if (metricKey === undefined) {
          metricKey = this.metricKey(runKey, point);
          keys.set(point.key, metricKey);
        }
        rows.push([metricKey, point.timestamp, point.step, storedMetric(point.value)]);
        const known = newest.get(point.key);
        if (!known || isNewer(point, known)) newest.set(point.key, point);
      }
      this.insert(rows);
      for (const [key, point] of newest) this.advance(keys.get(key), point);
      this.forgetOutlines(points, keys);
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
   * for other requests between them; the outline of a whole series is kept, and grows with it.
   */
  async outline(runKey: bigint, key: string, limit: number, steps = allSteps): Promise<MetricPoint[]> {
    const outline = this.outlineOf(runKey, key, limit, steps);
    if (!outline) return [];
    while (outline.grow(this.database)) await setImmediate();
    return outline.points();
  }

  private outlineOf(runKey: bigint, key: string, limit: number, steps: StepRange): Outline | undefined {
    const row = this.database.get<{ metric_key: bigint }>(
      'SELECT metric_key FROM run_metrics WHERE run_key = ? AND key = ?',
      runKey,
      key,
    );
    if (!row) return undefined;
    const name = `${row.metric_key} ${limit}`;
    const outline =
      (steps === allSteps && this.outlines.get(name)) || new Outline(row.metric_key, key, limit, steps);
    if (steps === allSteps) {
      // The one looked at last stands last, so that the first is the one to go.
      this.outlines.delete(name);
      this.outlines.set(name, outline);
      const [oldest] = this.outlines.keys();
      if (this.outlines.size > keptOutlines && oldest !== undefined) this.outlines.delete(oldest);
    }
    return outline;
  }

  /** Late points, and points sent again, end an outline that has been past their place. */
  private forgetOutlines(points: readonly MetricPoint[], keys: ReadonlyMap<string, bigint>): void {
    for (const [name, outline] of this.outlines) {
      const late = (point: MetricPoint) => keys.get(point.key) === outline.metricKey && outline.isPast(point);
      if (points.some(late)) this.outlines.delete(name);
    }
  }

  private insert(rows: readonly SqlValue[][]): void {
    const whole = rows.length - (rows.length % insertedAtOnce);
    for (let from = 0; from < whole; from += insertedAtOnce) {
      this.database.run(insertionOf(insertedAtOnce), ...rows.slice(from, from + insertedAtOnce).flat());
    }
    for (const row of rows.slice(whole)) this.database.run(insertionOf(1), ...row);
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

function insertionOf(count: number): string {
  const row = '(?, ?, ?, ?)';
  return `INSERT OR IGNORE INTO metric_points (metric_key, timestamp, step, value)
    VALUES ${Array.from({ length: count }, () => row).join(', ')}`;
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
