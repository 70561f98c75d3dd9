import { Interrupted } from '../../errors.js';
import type { IO } from '../../io.js';

export interface QuestionOptions {
  /** What is typed does not appear. */
  hidden?: boolean;
  signal: AbortSignal;
}

type Terminal = IO['stdin'] & { setRawMode?: (raw: boolean) => void };

/**
 * Puts a question to the user at the terminal and answers what was typed. The caller has made sure that there is
 * a terminal. Ctrl-C and a closed input interrupt.
 */
export async function ask(
  io: IO,
  question: string,
  { hidden = false, signal }: QuestionOptions,
): Promise<string> {
  const terminal = io.stdin;
  io.stderr.write(question);
  terminal.setRawMode?.(true);
  terminal.resume();
  try {
    return await typedLine(terminal, (text) => (hidden ? undefined : io.stderr.write(text)), signal);
  } finally {
    terminal.setRawMode?.(false);
    terminal.pause();
    io.stderr.write('\n');
  }
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

const [interrupt, endOfInput, backspace, erase] = ['\u0003', '\u0004', '\b', '\u007F'];

function typedLine(terminal: Terminal, echo: (text: string) => void, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    let line: string[] = [];
    const finish = (settle: () => void) => {
      terminal.off('data', read);
      terminal.off('end', stop);
      signal.removeEventListener('abort', abort);
      settle();
    };
    const stop = () => finish(() => reject(new Interrupted('SIGINT')));
    const abort = () => finish(() => reject(signal.reason as Error));
    const read = (chunk: Buffer | string) => {
      // An arrow or another key that is no character arrives as one escape sequence.
      const typed = chunk.toString().replace(/\u001B(?:\[[\d;]*[ -/]*[@-~]|O.|.)?/g, '');
      for (const char of typed) {
        if (char === '\r' || char === '\n') {
          finish(() => resolve(line.join('')));
          return;
        }
        if (char === interrupt || char === endOfInput) {
          stop();
          return;
        }
        if (char === backspace || char === erase) {
          if (line.length > 0) echo('\b \b');
          line = line.slice(0, -1);
        } else if (char >= ' ') {
          line.push(char);
          echo(char);
        }
      }
    };
    terminal.on('data', read);
    terminal.on('end', stop);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
  });
}
