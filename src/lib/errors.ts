/** What a failure means to a caller: `TRANSIENT` is the only kind worth trying again unchanged. */
export type ErrorKind = 'PERMANENT' | 'NOT_FOUND' | 'CONFLICT' | 'TRANSIENT';

export const exitCodes = {
  success: 0,
  runFailed: 1,
  usage: 2,
  stillRunning: 3,
  auth: 4,
  notFound: 5,
  transient: 6,
  failure: 7,
  interrupted: 130,
  terminated: 143,
} as const;

interface CodeRule {
  /** The kind when the thrower names none. */
  readonly kind: ErrorKind;
  readonly exit: number;
}

/** The one table of stable error codes. A `TRANSIENT` error of any code exits with 6. */
const codeTable = {
  INVALID_ARGS: { kind: 'PERMANENT', exit: exitCodes.usage },
  INVALID_CONFIG: { kind: 'PERMANENT', exit: exitCodes.usage },
  UNAUTHENTICATED: { kind: 'PERMANENT', exit: exitCodes.auth },
  PERMISSION_DENIED: { kind: 'PERMANENT', exit: exitCodes.auth },
  NOT_FOUND: { kind: 'NOT_FOUND', exit: exitCodes.notFound },
  CONFLICT: { kind: 'CONFLICT', exit: exitCodes.failure },
  FEATURE_DISABLED: { kind: 'PERMANENT', exit: exitCodes.failure },
  NOT_IMPLEMENTED: { kind: 'PERMANENT', exit: exitCodes.failure },
  REGISTRATION_FAILED: { kind: 'PERMANENT', exit: exitCodes.failure },
  INTERNAL_ERROR: { kind: 'PERMANENT', exit: exitCodes.failure },
} as const satisfies Record<string, CodeRule>;

export type ErrorCode = keyof typeof codeTable;
export const errorCodes = Object.keys(codeTable) as ErrorCode[];

/**
 * One problem of a configuration, at one place. Lines and columns count from 1; columns count characters
 * (code points). For `source: 'override'`, `file` is the flag as typed and `line` is 1.
 */
export interface Diagnostic {
  path: string;
  source: 'file' | 'override' | 'server' | 'plugin';
  file: string;
  line: number;
  column: number;
  message: string;
  hint?: string;
  /** The lines of the text-mode code frame, which stand above the message. Not part of the JSON shape. */
  frame?: string;
}

export interface AirErrorOptions {
  kind?: ErrorKind;
  /** What to do next, preferably a command that can be pasted. */
  hint?: string;
  details?: readonly Diagnostic[];
  exitCode?: number;
  cause?: unknown;
}

/**
 * The one error class of the program: everything a user can meet. Any other exception that reaches the
 * command line is a fault of ours and is reported as `INTERNAL_ERROR`, `PERMANENT`.
 */
export class AirError extends Error {
  readonly code: ErrorCode;
  readonly kind: ErrorKind;
  readonly exitCode: number;
  readonly hint: string | undefined;
  readonly details: readonly Diagnostic[] | undefined;

  constructor(code: ErrorCode, message: string, options: AirErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'AirError';
    this.code = code;
    this.kind = options.kind ?? codeTable[code].kind;
    this.exitCode =
      options.exitCode ?? (this.kind === 'TRANSIENT' ? exitCodes.transient : codeTable[code].exit);
    this.hint = options.hint;
    this.details = options.details;
  }

  get retryable(): boolean {
    return this.kind === 'TRANSIENT';
  }
}

/** Stopped by the user's signal: nothing went wrong, so it is told apart from {@link AirError}s by its class. */
export class Interrupted extends AirError {
  constructor(
    readonly signal: 'SIGINT' | 'SIGTERM',
    message = 'Interrupted.',
    options: AirErrorOptions = {},
  ) {
    super('INTERNAL_ERROR', message, {
      kind: 'TRANSIENT',
      exitCode: signal === 'SIGTERM' ? exitCodes.terminated : exitCodes.interrupted,
      ...options,
    });
    this.name = 'Interrupted';
  }
}

/** The message of anything that can be thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** The `code` of a Node system error (`ENOENT`, `ECONNREFUSED`, ...), if it has one. */
export function systemCode(error: unknown): string | undefined {
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return undefined;
}
