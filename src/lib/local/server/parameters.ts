import type { Context } from 'hono';
import { ApiFailure, invalid } from '../engine/errors.js';

/** A JSON object as a request's body. Long integers come out as their digits, so that no id loses any. */
export async function bodyOf(context: Context): Promise<Record<string, unknown>> {
  const text = await context.req.text();
  if (text.trim() === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text.replace(/("(?:run_id|job_id)"\s*:\s*)(-?\d{16,})/g, '$1"$2"'));
  } catch {
    throw new ApiFailure(400, 'MALFORMED_REQUEST', 'The body of the request is not JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new ApiFailure(400, 'MALFORMED_REQUEST', 'The body of the request is not a JSON object.');
  }
  return value as Record<string, unknown>;
}

/** A required text; an empty one counts as missing. */
export function requiredText(value: unknown, name: string): string {
  if (typeof value === 'string' && value !== '') return value;
  throw invalid(`Missing required field: ${name}`);
}

/** An id: digits as a number or as text. */
export function idOf(value: unknown, name: string): string {
  const text = typeof value === 'number' || typeof value === 'string' ? String(value) : '';
  if (/^\d{1,19}$/.test(text) && BigInt(text) < 2n ** 63n) return text;
  throw invalid(text === '' ? `Missing required field: ${name}` : `${name} is not an id: ${text}`);
}

/** A whole number of the query; undefined when it is absent. */
export function numberOf(context: Context, name: string): number | undefined {
  const text = context.req.query(name);
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (!Number.isFinite(value)) throw invalid(`${name} is not a number: ${text}`);
  return value;
}

export function flagOf(context: Context, name: string): boolean {
  return context.req.query(name) === 'true';
}
