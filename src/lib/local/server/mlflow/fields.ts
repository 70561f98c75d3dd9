import { AirError } from '../../../errors.js';

/** What a request asks with, whether it came in the query or in a JSON body; each reader checks its kind. */
export class Fields {
  constructor(private readonly values: Readonly<Record<string, unknown>>) {}

  /** Text; the empty string when it is absent, as proto3 has it. */
  text(name: string): string {
    const value = this.values[name];
    if (value === undefined || value === null) return '';
    if (typeof value === 'string') return value;
    if (typeof value === 'number' || typeof value === 'boolean') return String(value);
    throw this.wrong(name, 'text');
  }

  required(name: string): string {
    const value = this.text(name);
    if (value === '') throw this.absent(name);
    return value;
  }

  /** The run's id, under its name of today or that of older clients. */
  runId(): string {
    return this.text('run_id') || this.text('run_uuid') || this.required('run_id');
  }

  has(name: string): boolean {
    return this.values[name] !== undefined && this.values[name] !== null;
  }

  /** A 64-bit integer, as a number or as its digits. */
  integer(name: string, fallback: bigint): bigint {
    const value = this.values[name];
    if (value === undefined || value === null || value === '') return fallback;
    // Clients in Python send times such as 1.7e12 as floats.
    const text = typeof value === 'number' && Number.isInteger(value) ? BigInt(value).toString() : value;
    if (typeof text !== 'string' || !/^-?\d+$/.test(text)) throw this.wrong(name, 'an integer');
    const integer = BigInt(text);
    if (BigInt.asIntN(64, integer) !== integer) throw this.wrong(name, 'a 64-bit integer');
    return integer;
  }

  /** A whole number from 1 to `most`. */
  count(name: string, fallback: number, most: number): number {
    const value = this.integer(name, BigInt(fallback));
    if (value < 1n || value > BigInt(most)) {
      throw new AirError(
        'INVALID_ARGS',
        `Invalid value ${value} for parameter '${name}': it is 1 to ${most}.`,
      );
    }
    return Number(value);
  }

  /** A number, or the text NaN, Infinity or -Infinity, as JSON has no signs for them. */
  float(name: string): number {
    const value = this.values[name];
    if (value === undefined || value === null) throw this.absent(name);
    if (typeof value === 'number') return value;
    if (typeof value === 'string' && /^(NaN|-?Infinity|-?\d+(\.\d+)?(e[-+]?\d+)?)$/i.test(value)) {
      return Number(value);
    }
    throw this.wrong(name, 'a number');
  }

  texts(name: string): string[] {
    return this.array(name).map((value) => String(value));
  }

  objects(name: string): Fields[] {
    return this.array(name).map((value) => {
      if (value === null || typeof value !== 'object') throw this.wrong(name, 'a list of objects');
      return new Fields(value as Record<string, unknown>);
    });
  }

  object(name: string): Fields {
    const value = this.values[name] ?? {};
    if (typeof value !== 'object') throw this.wrong(name, 'an object');
    return new Fields(value as Record<string, unknown>);
  }

  /** The object as it came, for what is kept unread. */
  raw(): unknown {
    return this.values;
  }

  private array(name: string): unknown[] {
    const value = this.values[name];
    if (value === undefined || value === null) return [];
    return Array.isArray(value) ? (value as unknown[]) : [value];
  }

  private absent(name: string): AirError {
    return new AirError('INVALID_ARGS', `Missing value for required parameter '${name}'.`);
  }

  private wrong(name: string, kind: string): AirError {
    const shown = JSON.stringify(this.values[name]).slice(0, 100);
    return new AirError('INVALID_ARGS', `Invalid value ${shown} for parameter '${name}': it is ${kind}.`);
  }
}
