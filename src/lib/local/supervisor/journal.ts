import { closeSync, fsyncSync, openSync, readSync, writeSync } from 'node:fs';
import { systemCode } from '../../errors.js';
import type { JournalEvent } from './folder.js';

/** An event as its writer gives it: the journal adds the time. */
export type Untimed<Event> = Event extends unknown ? Omit<Event, 'at'> : never;

/** The supervisor's record of what happened: one JSON object a line, on disk before anything follows from it. */
export class Journal {
  private readonly handle: number;

  constructor(file: string) {
    this.handle = openSync(file, 'a', 0o600);
  }

  write(event: Untimed<JournalEvent>): void {
    writeSync(this.handle, `${JSON.stringify({ at: Date.now(), ...event })}\n`);
    fsyncSync(this.handle);
  }

  close(): void {
    closeSync(this.handle);
  }
}

/** Reads a journal as it grows: each event once. A line without its end is left for the next time. */
export class JournalReader {
  private position = 0;
  private rest = '';

  constructor(private readonly file: string) {}

  /** The events since the last call. */
  next(): JournalEvent[] {
    let handle: number;
    try {
      handle = openSync(this.file, 'r');
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw error;
    }
    try {
      const buffer = Buffer.alloc(64 * 1024);
      for (;;) {
        const length = readSync(handle, buffer, 0, buffer.length, this.position);
        if (length === 0) break;
        this.position += length;
        this.rest += buffer.toString('utf8', 0, length);
      }
    } finally {
      closeSync(handle);
    }
    const lines = this.rest.split('\n');
    this.rest = lines.pop() ?? '';
    return lines.flatMap(eventsOf);
  }
}

/** The event of a line; none in one that lost its bytes when the machine went down. */
function eventsOf(line: string): JournalEvent[] {
  try {
    return [JSON.parse(line) as JournalEvent];
  } catch {
    return [];
  }
}
