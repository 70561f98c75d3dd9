import { PassThrough } from 'node:stream';
import { systemClock, type Clock, type Context } from '../../src/lib/io.js';

export interface RecordingContext extends Context {
  /** What was written so far. */
  readonly out: () => string;
  readonly err: () => string;
  readonly abort: (reason?: unknown) => void;
}

/** A context that records what is written; no terminal unless a width is given. */
export function recordingContext(options: { clock?: Clock; columns?: number } = {}): RecordingContext {
  const controller = new AbortController();
  const texts = { out: '', err: '' };
  const output = (stream: 'out' | 'err') => ({
    write: (text: string) => void (texts[stream] += text),
    isTTY: options.columns !== undefined,
    columns: options.columns,
  });
  return {
    io: { stdout: output('out'), stderr: output('err'), stdin: new PassThrough() },
    clock: options.clock ?? systemClock,
    signal: controller.signal,
    out: () => texts.out,
    err: () => texts.err,
    abort: (reason) => controller.abort(reason),
  };
}
