import { AirError } from '../errors.js';
import { parseDuration } from './flags.js';

const isoTime = /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$/;

/**
 * A point in time in milliseconds since the epoch: a duration before now (`10m`), or an ISO 8601 time, which
 * is UTC where it names no zone. Throws INVALID_ARGS.
 */
export function parseMoment(text: string, now: number, flag: string): number {
  const ago = parseDuration(text);
  if (ago !== null) return now - ago;
  const trimmed = text.trim();
  if (isoTime.test(trimmed)) {
    const zoned = /(Z|[+-]\d{2}:?\d{2})$/.test(trimmed.slice(10)) || trimmed.length === 10;
    const time = Date.parse(trimmed.replace(' ', 'T') + (zoned ? '' : 'Z'));
    if (Number.isFinite(time)) return time;
  }
  throw new AirError('INVALID_ARGS', `${flag} ${JSON.stringify(text)} is neither a duration nor a time.`, {
    hint: `Examples: ${flag} 10m, ${flag} 2h, ${flag} 2026-01-31T09:30:00Z`,
  });
}
