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
    terminal.pause();
    io.stderr.write('\n');
  }
}

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
  });
}
