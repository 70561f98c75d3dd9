/**
 * A 64-bit integer of an answer: a number while it is exact in JavaScript, else its digits.
 * Never compute with it; turn it into text with {@link idText}, or into a bigint.
 */
export type WireInteger = number | string;

/** The decimal digits of an id; null when there is none (absent, 0 or not an integer). */
export function idText(value: WireInteger | null | undefined): string | null {
  if (value === undefined || value === null) return null;
  const text = String(value);
  return /^-?\d+$/.test(text) && !/^-?0+$/.test(text) ? text : null;
}
