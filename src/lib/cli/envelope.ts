import type { AirError, Diagnostic, ErrorCode, ErrorKind } from '../errors.js';

/** A warning: the shape of an error's details, of which only the message is always there. */
export type Warning = { message: string } & Partial<Omit<Diagnostic, 'message'>>;

export interface ErrorBody {
  code: ErrorCode;
  kind: ErrorKind;
  message: string;
  retryable: boolean;
  hint?: string;
  details?: Omit<Diagnostic, 'frame'>[];
}

export type Envelope<Data = unknown> =
  { v: 1; ts: string; data: Data } | { v: 1; ts: string; error: ErrorBody };

/** RFC 3339 in UTC, to the second. */
export function timestamp(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}

export function dataEnvelope<Data>(now: number, data: Data): Envelope<Data> {
  return { v: 1, ts: timestamp(now), data };
}

export function errorEnvelope(now: number, error: AirError): Envelope<never> {
  return {
    v: 1,
    ts: timestamp(now),
    error: {
      code: error.code,
      kind: error.kind,
      message: error.message,
      retryable: error.retryable,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      ...(error.details === undefined ? {} : { details: error.details.map(detailOf) }),
    },
  };
}

/** A diagnostic as JSON shows it: without the code frame, which is text for people. */
export function detailOf<Problem extends Warning>(problem: Problem): Omit<Problem, 'frame'> {
  const { frame: _, ...detail } = problem;
  return detail;
}
