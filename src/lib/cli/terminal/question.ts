import { StringDecoder } from 'node:string_decoder';
import { Interrupted } from '../../errors.js';
import type { IO } from '../../io.js';

export interface QuestionOptions {
  /** What is typed does not appear. */
  hidden?: boolean;
}

export type Ask = (question: string, options?: QuestionOptions) => Promise<string>;

/**
 * Puts questions to the user at the terminal, one after the other: what is typed or pasted ahead answers the next
 * one. The caller has made sure that there is a terminal. Ctrl-C, Ctrl-D and a closed input interrupt.
 */
export async function interview<T>(
  { stdin, stderr }: IO,
  signal: AbortSignal,
  talk: (ask: Ask) => Promise<T>,
): Promise<T> {
  const keyboard = new Keyboard(stdin, signal);
  // Before the question: the terminal itself would show what is typed between the two.
  stdin.setRawMode?.(true);
  stdin.resume();
  try {
    return await talk(async (question, { hidden = false } = {}) => {
      stderr.write(question);
      try {
        return await keyboard.line((text) => (hidden ? undefined : stderr.write(text)));
      } finally {
        stderr.write('\n');
      }
    });
  } finally {
    stdin.setRawMode?.(false);
    stdin.pause();
  }
}

/** Puts one question to the user at the terminal and answers what was typed. */
export async function ask(
  io: IO,
  question: string,
  { signal, ...options }: QuestionOptions & { signal: AbortSignal },
): Promise<string> {
  return interview(io, signal, (put) => put(question, options));
}

/** Asks for a yes or a no; anything but y or yes is a no. */
export async function confirmed(io: IO, question: string, signal: AbortSignal): Promise<boolean> {
  return /^y(es)?$/i.test((await ask(io, `${question} [y/N] `, { signal })).trim());
}

/** Everything that is piped in. */
export async function pipedText(io: IO): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of io.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

const [interrupt, endOfInput, backspace, killLine, erase] = ['\u0003', '\u0004', '\b', '\u0015', '\u007F'];

/** Lines from a terminal in raw mode, with the few keys that correct them. */
class Keyboard {
  private readonly decoder = new StringDecoder('utf8');
  /** Typed, and not yet part of an answer. */
  private ahead: string[] = [];

  constructor(
    private readonly stdin: IO['stdin'],
    private readonly signal: AbortSignal,
  ) {}

  line(echo: (text: string) => void): Promise<string> {
    const { stdin, signal } = this;
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void) => {
        stdin.off('data', read);
        stdin.off('end', stop);
        signal.removeEventListener('abort', abort);
        settle();
      };
      const stop = () => finish(() => reject(new Interrupted('SIGINT')));
      const abort = () => finish(() => reject(signal.reason as Error));
      const line: string[] = [];
      const take = () => {
        const end = this.edit(line, echo);
        if (end === 'done') finish(() => resolve(line.join('')));
        if (end === 'stop') stop();
      };
      const read = (chunk: Buffer | string) => {
        this.ahead.push(...charactersOf(typeof chunk === 'string' ? chunk : this.decoder.write(chunk)));
        take();
      };
      stdin.on('data', read);
      stdin.on('end', stop);
      signal.addEventListener('abort', abort, { once: true });
      if (signal.aborted) abort();
      else take();
    });
  }

  /** Moves what was typed into the line, up to the key that ends it; undefined when there is none yet. */
  private edit(line: string[], echo: (text: string) => void): 'done' | 'stop' | undefined {
    for (let char = this.ahead.shift(); char !== undefined; char = this.ahead.shift()) {
      if (char === '\r' || char === '\n') return 'done';
      if (char === interrupt || char === endOfInput) return 'stop';
      if (char === backspace || char === erase || char === killLine) {
        const removed = line.splice(char === killLine ? 0 : -1);
        echo('\b \b'.repeat(removed.length));
      } else if (char >= ' ') {
        line.push(char);
        echo(char);
      }
    }
    return undefined;
  }
}

/** The keys that are characters: an arrow, or the mark of a paste, arrives as one escape sequence. */
function charactersOf(typed: string): string[] {
  return Array.from(typed.replace(/\u001B(?:\[[\d;]*[ -/]*[@-~]|O.|.)?/g, '').replaceAll('\r\n', '\r'));
}
