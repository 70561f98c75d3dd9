import { setTimeout as delay } from 'node:timers/promises';

/** A stream the program writes to, as the program sees it. */
export interface TextOutput {
  write(text: string): void;
  readonly isTTY: boolean;
  /** Width in columns; undefined when it is no terminal, or one that does not know its size. */
  readonly columns: number | undefined;
  /** Height in lines; undefined where the width is. */
  readonly rows?: number | undefined;
  /** Subscribes to changes of the terminal's size; answers how to unsubscribe. */
  onResize?(listener: () => void): () => void;
}

/** The program's side of the terminal. Tests hand in one that records. */
export interface IO {
  readonly stdout: TextOutput;
  readonly stderr: TextOutput;
  readonly stdin: NodeJS.ReadableStream & { isTTY?: boolean; setRawMode?(mode: boolean): unknown };
}

/** Time as the program sees it. `sleep` rejects with the signal's reason when aborted. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  async sleep(milliseconds, signal) {
    try {
      await delay(milliseconds, undefined, signal ? { signal } : {});
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  },
};

/** Longer texts are written as bytes: for a text Node sets three bytes a character aside. */
const longText = 65_536;

function outputOf(stream: NodeJS.WriteStream): TextOutput {
  return {
    write: (text) => void stream.write(text.length > longText ? Buffer.from(text) : text),
    get isTTY() {
      return stream.isTTY;
    },
    get columns() {
      return stream.isTTY ? stream.columns || undefined : undefined;
    },
    get rows() {
      return stream.isTTY ? stream.rows || undefined : undefined;
    },
    onResize(listener) {
      stream.on('resize', listener);
      return () => stream.off('resize', listener);
    },
  };
}

export const systemIO: IO = {
  stdout: outputOf(process.stdout),
  stderr: outputOf(process.stderr),
  // Node opens it when it is asked for it, and most commands read nothing.
  get stdin() {
    return process.stdin;
  },
};

/** What every service is handed: where to write progress, what time it is, when to stop. */
export interface Context {
  readonly io: IO;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}
