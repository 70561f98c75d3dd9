import { expect } from 'chai';
import { asAirError } from '../../../src/lib/cli/report.js';
import { errorEnvelope } from '../../../src/lib/cli/envelope.js';
import { AirError, errorCodes, Interrupted, type ErrorCode } from '../../../src/lib/errors.js';

describe('error codes', () => {
  const table: Record<ErrorCode, [kind: string, exit: number]> = {
    INVALID_ARGS: ['PERMANENT', 2],
    INVALID_CONFIG: ['PERMANENT', 2],
    UNAUTHENTICATED: ['PERMANENT', 4],
    PERMISSION_DENIED: ['PERMANENT', 4],
    NOT_FOUND: ['NOT_FOUND', 5],
    CONFLICT: ['CONFLICT', 7],
    FEATURE_DISABLED: ['PERMANENT', 7],
    NOT_IMPLEMENTED: ['PERMANENT', 7],
    REGISTRATION_FAILED: ['PERMANENT', 7],
    INTERNAL_ERROR: ['PERMANENT', 7],
  };

  it('are these', () => {
    expect([...errorCodes].sort()).to.deep.equal(Object.keys(table).sort());
  });

  for (const [code, [kind, exit]] of Object.entries(table)) {
    it(`${code} is ${kind} and exits with ${exit}`, () => {
      const error = new AirError(code as ErrorCode, 'words');
      expect([error.kind, error.exitCode, error.retryable]).to.deep.equal([kind, exit, false]);
    });
  }

  it('a transient error of any code may be tried again and exits with 6', () => {
    const error = new AirError('REGISTRATION_FAILED', 'words', { kind: 'TRANSIENT' });
    expect([error.exitCode, error.retryable]).to.deep.equal([6, true]);
  });

  it('an interrupt exits by its signal', () => {
    expect(new Interrupted('SIGINT').exitCode).to.equal(130);
    expect(new Interrupted('SIGTERM').exitCode).to.equal(143);
  });
});

describe('what was thrown', () => {
  it('is a fault of ours when nobody foresaw it, and keeps its cause', () => {
    const thrown = new TypeError('x is not a function');
    const error = asAirError(thrown);
    expect([error.code, error.kind, error.exitCode]).to.deep.equal(['INTERNAL_ERROR', 'PERMANENT', 7]);
    expect(error.cause).to.equal(thrown);
  });

  it('tells a full disk and a forbidden file in words', () => {
    const full = asAirError(Object.assign(new Error('write ENOSPC'), { code: 'ENOSPC' }));
    expect(full.message).to.include('disk is full');
    const forbidden = asAirError(Object.assign(new Error("EACCES: '/x'"), { code: 'EACCES' }));
    expect(forbidden.exitCode).to.equal(4);
  });

  it('has an envelope with the four keys first and the code frame left out', () => {
    const detail = {
      path: 'compute',
      source: 'file' as const,
      file: 'a.yaml',
      line: 2,
      column: 1,
      message: 'wrong',
    };
    const envelope = errorEnvelope(
      Date.UTC(2026, 0, 2, 3, 4, 5, 678),
      new AirError('INVALID_CONFIG', 'words', {
        hint: 'do this',
        details: [{ ...detail, frame: '> 2 | x' }],
      }),
    );
    expect(JSON.stringify(envelope)).to.equal(
      '{"v":1,"ts":"2026-01-02T03:04:05Z","error":{"code":"INVALID_CONFIG","kind":"PERMANENT","message":"words",' +
        `"retryable":false,"hint":"do this","details":[${JSON.stringify(detail)}]}}`,
    );
  });
});
