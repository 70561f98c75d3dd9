import { randomUUID } from 'node:crypto';
import type { WireInteger } from './contract/index.js';

const digit = /[0-9]/;
/**
 * A long integer with what stands before it outside strings, where some texts look the same; where there is none,
 * nothing has to be looked at closely.
 */
const perhapsLongInteger = /(?:^|[:,[\s-])[1-9]\d{15}/;

/**
 * JSON text with every integer of 16 digits and more **outside strings** put in quotes, so that `JSON.parse`
 * keeps its digits: run ids and nanosecond times exceed 2^53. Fractions and exponents are left alone.
 */
export function quoteLongIntegers(text: string): string {
  if (!perhapsLongInteger.test(text)) return text;
  let result = '';
  let copied = 0;
  let at = 0;
  while (at < text.length) {
    const char = text.charCodeAt(at);
    if (char === 0x22) {
      at = endOfString(text, at);
      continue;
    }
    if (char < 0x30 || char > 0x39) {
      at++;
      continue;
    }
    let end = at + 1;
    while (end < text.length && digit.test(text.charAt(end))) end++;
    const next = text.charAt(end);
    const isInteger = next !== '.' && next !== 'e' && next !== 'E';
    if (isInteger && end - at >= 16 && char !== 0x30) {
      const start = text.charAt(at - 1) === '-' ? at - 1 : at;
      result += `${text.slice(copied, start)}"${text.slice(start, end)}"`;
      copied = end;
    }
    at = isInteger ? end : endOfNumber(text, end);
  }
  return copied === 0 ? text : result + text.slice(copied);
}

function endOfString(text: string, quote: number): number {
  let at = text.indexOf('"', quote + 1);
  while (at !== -1) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === 0x5c) backslashes++;
    if (backslashes % 2 === 0) return at + 1;
    at = text.indexOf('"', at + 1);
  }
  return text.length;
}

function endOfNumber(text: string, from: number): number {
  let at = from;
  while (at < text.length && /[0-9.eE+-]/.test(text.charAt(at))) at++;
  return at;
}

/** `JSON.parse` that loses no digit of a long integer: such a one comes out as a string. */
export function parseLosslessJson(text: string): unknown {
  return JSON.parse(quoteLongIntegers(text)) as unknown;
}

/** Tells a long integer from a string while both travel through `JSON.stringify`; no one can guess it. */
const mark = `integer-${randomUUID()}:`;
const markedIntegers = new RegExp(`"${mark}(-?\\d+)"`, 'g');

/** A 64-bit integer that {@link stringifyJson} writes as a JSON number. */
export class JsonInteger {
  readonly digits: string;

  constructor(value: WireInteger) {
    this.digits = String(value);
    if (!/^-?\d+$/.test(this.digits)) throw new RangeError(`Not an integer: ${this.digits}`);
  }

  toJSON(): string {
    return `${mark}${this.digits}`;
  }
}

/** `JSON.stringify` that writes every {@link JsonInteger} as a number, digit by digit. */
export function stringifyJson(value: unknown): string {
  return JSON.stringify(value).replace(markedIntegers, '$1');
}
