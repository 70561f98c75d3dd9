import { AirError } from '../../errors.js';
import type { SqlValue } from './database.js';

/** One value of a metric. Steps and timestamps are 64-bit integers. */
export interface MetricPoint {
  key: string;
  value: number;
  /** Milliseconds since the epoch. */
  timestamp: bigint;
  step: bigint;
}

/** Text as it is stored: SQLite cuts text at a NUL, so text that has one is kept as bytes. */
export function storedText(text: string): SqlValue {
  return text.includes('\0') ? Buffer.from(text) : text;
}

/** The inverse of {@link storedText}. libsql hands bytes back as an ArrayBuffer. */
export function textOf(value: SqlValue | ArrayBuffer): string {
  if (value instanceof ArrayBuffer) return Buffer.from(value).toString();
  return Buffer.isBuffer(value) ? value.toString() : String(value);
}

/** A metric as it is stored: what is not finite becomes text. */
export function storedMetric(value: number): SqlValue {
  return Number.isFinite(value) ? value : String(value);
}

export function metricOf(value: SqlValue): number {
  return Number(value);
}

/** Orders two metric values as MLflow picks the newest: NaN is below everything. */
export function compareMetrics(a: number, b: number): number {
  if (Number.isNaN(a) || Number.isNaN(b)) return Number(Number.isNaN(b)) - Number(Number.isNaN(a));
  return a === b ? 0 : a < b ? -1 : 1;
}

export function missing(message: string): AirError {
  return new AirError('NOT_FOUND', message);
}

export function invalid(message: string): AirError {
  return new AirError('INVALID_ARGS', message);
}
