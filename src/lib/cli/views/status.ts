import type { Colour, Style } from '../terminal/style.js';

const red = new Set([
  'FAILED',
  'TIMEDOUT',
  'CANCELED',
  'INTERNAL_ERROR',
  'UPSTREAM_FAILED',
  'UPSTREAM_CANCELED',
]);

/** Green: ended well; red: ended otherwise; amber: anything that goes on or is not known. */
export function statusColour(status: string): Colour {
  if (status === 'SUCCESS') return 'green';
  return red.has(status) ? 'red' : 'amber';
}

export function statusText(status: string, style: Style): string {
  return style.paint(`● ${status}`, statusColour(status));
}
