import { Readable } from 'node:stream';
import { systemClock, type Clock, type Context, type IO, type TextOutput } from '../../src/lib/io.js';

export interface RecordingOutput extends TextOutput {
  columns: number | undefined;
  /** What was written so far. */
  readonly text: string;
}

/** An output that keeps what is written to it; a terminal where it has a width. */
export function recordingOutput(columns?: number, rows?: number): RecordingOutput {
  let text = '';
  return {
    write: (more) => void (text += more),
    isTTY: columns !== undefined,
    columns,
    rows,
    get text() {
      return text;
    },
  };
}

export interface RecordingIO extends IO {
  readonly stdout: RecordingOutput;
  readonly stderr: RecordingOutput;
}

/** Pipes that keep what is written to them, and nothing to read. */
export function recordingIO(): RecordingIO {
  return { stdout: recordingOutput(), stderr: recordingOutput(), stdin: Readable.from([]) };
}

/** A clock that stands still; sleeping takes no time and moves it. */
export function standingClock(now: number): Clock {
  let time = now;
  return {
    now: () => time,
    sleep: (milliseconds) => {
      time += milliseconds;
      return Promise.resolve();
    },
  };
}

/** A context that nobody interrupts. */
export function testContext(clock: Clock = systemClock): Context {
  return { io: recordingIO(), clock, signal: new AbortController().signal };
}
