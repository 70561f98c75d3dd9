import { AirError } from '../../../errors.js';

/** A page token is opaque to clients; it holds where the next page begins. */
export function pageToken(position: object): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** @throws AirError INVALID_ARGS for a token that did not come from {@link pageToken}. */
export function positionOf(token: string): Record<string, unknown> {
  try {
    const position = JSON.parse(Buffer.from(token, 'base64url').toString()) as unknown;
    if (position !== null && typeof position === 'object') return position as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new AirError('INVALID_ARGS', `Invalid page token '${token.slice(0, 100)}'.`);
}

export function offsetOf(token: string): number {
  if (token === '') return 0;
  const { offset } = positionOf(token);
  if (typeof offset === 'number' && Number.isSafeInteger(offset) && offset >= 0) return offset;
  throw new AirError('INVALID_ARGS', `Invalid page token '${token.slice(0, 100)}'.`);
}

/** Cuts a page from one row more than it holds: that row says whether there is a next page. */
export function pageOf<Row>(rows: readonly Row[], limit: number, offset: number) {
  const more = rows.length > limit;
  return {
    rows: rows.slice(0, limit),
    ...(more && { next_page_token: pageToken({ offset: offset + limit }) }),
  };
}
