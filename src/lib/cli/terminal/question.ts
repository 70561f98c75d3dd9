<<<<<<< HEAD
import { createInterface } from 'node:readline';
import type { IO } from '../../io.js';

/** Standard input while it is a terminal. */
type Terminal = NodeJS.ReadableStream & { setRawMode(on: boolean): unknown };

/** Asks for a yes or a no on the terminal; anything but y or yes is a no. */
export async function confirmed(io: IO, question: string, signal: AbortSignal): Promise<boolean> {
  io.stderr.write(`${question} [y/N] `);
  const answer = await nextLine(io, signal);
  return /^y(es)?$/i.test(answer?.trim() ?? '');
}

/** Asks for a line that the terminal does not show; undefined when none was given. */
export async function hiddenLine(io: IO, question: string, signal: AbortSignal): Promise<string | undefined> {
  const terminal = io.stdin as Terminal;
  io.stderr.write(question);
  terminal.setRawMode(true);
  try {
    return await typedLine(terminal, signal);
  } finally {
    terminal.setRawMode(false);
=======
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
  const terminal = io.stdin as Terminal;
  io.stderr.write(question);
  terminal.setRawMode?.(true);
  terminal.resume();
  try {
    return await typedLine(terminal, (text) => (hidden ? undefined : io.stderr.write(text)), signal);
  } finally {
    terminal.setRawMode?.(false);
>>>>>>> auth
    terminal.pause();
    io.stderr.write('\n');
  }
}

<<<<<<< HEAD
/** Everything that is piped in. */
export async function pipedText(io: IO): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of io.stdin) chunks.push(Buffer.from(chunk));
  return Buffer.concat(chunks);
}

function nextLine(io: IO, signal: AbortSignal): Promise<string | undefined> {
  const lines = createInterface({ input: io.stdin, terminal: false, signal });
  return new Promise((resolve) => {
    lines.once('line', (line) => {
      resolve(line);
      lines.close();
    });
    lines.once('close', () => resolve(undefined));
  });
}

/** Reads keys of a terminal in raw mode up to Enter. Ctrl-C is the interrupt that it always is. */
function typedLine(terminal: Terminal, signal: AbortSignal): Promise<string | undefined> {
  return new Promise((resolve) => {
    let text = '';
    const finish = (line: string | undefined) => {
      terminal.off('data', take);
      signal.removeEventListener('abort', abandon);
      resolve(line);
    };
    const abandon = () => finish(undefined);
    const take = (chunk: Buffer) => {
      for (const key of chunk.toString('utf8')) {
        if (key === '\r' || key === '\n') {
          finish(text);
          return;
        }
        if (key === '\u0003') {
          process.kill(process.pid, 'SIGINT');
          return;
        }
        if (key === '\u0004') {
          finish(text === '' ? undefined : text);
          return;
        }
        if (key === '\u007F' || key === '\b') text = Array.from(text).slice(0, -1).join('');
        else text += key;
      }
    };
    signal.addEventListener('abort', abandon, { once: true });
    terminal.on('data', take);
    terminal.resume();
=======
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
>>>>>>> auth
  });
}
