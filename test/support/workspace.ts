import { Readable } from 'node:stream';
import { systemClock, type Clock, type Context, type IO } from '../../src/lib/io.js';
import { openWorkspace, type Target, type Workspace } from '../../src/lib/workspace/index.js';

/** Streams that keep what is written to them. */
export function recordingIO(): IO & { out(): string; err(): string } {
  const written = { stdout: '', stderr: '' };
  const output = (name: 'stdout' | 'stderr') => ({
    write: (text: string) => void (written[name] += text),
    isTTY: false,
    columns: undefined,
  });
  return {
    stdout: output('stdout'),
    stderr: output('stderr'),
    stdin: Readable.from([]),
    out: () => written.stdout,
    err: () => written.stderr,
  };
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

export function testContext(clock: Clock = systemClock): Context {
  return { io: recordingIO(), clock, signal: new AbortController().signal };
}

/** The client of a target, as a command would open it. */
export function clientOf(target: Target, context: Context = testContext()): Workspace {
  return openWorkspace(target, context, { userAgent: 'air-test' });
}
