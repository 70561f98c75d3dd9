import { spawn, spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { packageRoot } from './cli.js';
import { Emulator } from './emulator.js';

const program = fileURLToPath(new URL('pseudo-terminal.py', import.meta.url));

/** Whether this machine can give a program a terminal. */
export function hasTerminals(): boolean {
  return spawnSync('python3', ['-c', 'import fcntl, os, termios; os.waitstatus_to_exitcode']).status === 0;
}

export interface TerminalEnd {
  /** Negative: the signal that ended the program. */
  readonly code: number;
  /** Whether the settings of the terminal (echo, lines, signals) are as before. */
  readonly restored: boolean;
}

/** The built program at a terminal, as a user sees it. */
export interface Terminal {
  /** The lines on the screen now, without colours and trailing spaces. */
  readonly lines: readonly string[];
  readonly screen: Emulator;
  /** All that the terminal was told so far, what it echoed included; lines end with `\r\n`. */
  readonly written: string;
  /** Resolves once the screen holds the text, or matches; fails with the screen when it does not come. */
  shows(wanted: string | RegExp): Promise<void>;
  press(keys: string): void;
  resize(columns: number, rows: number): void;
  signal(number: number): void;
  readonly ended: Promise<TerminalEnd>;
  /** Ends the program if it still runs. */
  close(): Promise<void>;
}

/** Milliseconds in which something must appear. */
const patience = 20_000;

export function openTerminal(
  args: readonly string[],
  { env, columns = 80, rows = 24 }: { env: NodeJS.ProcessEnv; columns?: number; rows?: number },
): Terminal {
  const screen = new Emulator(columns, rows);
  const relay = spawn(
    'python3',
    [program, String(columns), String(rows), process.execPath, `${packageRoot}/bin/run.js`, ...args],
    { env: { PATH: process.env['PATH'], TERM: 'xterm-256color', ...env }, stdio: ['pipe', 'pipe', 'pipe'] },
  );
  let stderr = '';
  relay.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  let written = '';
  relay.stdout.setEncoding('utf8').on('data', (text: string) => {
    written += text;
    screen.write(text);
  });
  // A program that has ended takes no more orders.
  relay.stdin.on('error', () => undefined);
  const ended = new Promise<TerminalEnd>((resolve, reject) => {
    relay.on('close', () => {
      try {
        resolve(JSON.parse(stderr) as TerminalEnd);
      } catch {
        reject(new Error(`The terminal broke: ${stderr}`));
      }
    });
  });
  ended.catch(() => undefined);
  const order = (of: object) => void relay.stdin.write(`${JSON.stringify(of)}\n`);
  return {
    screen,
    ended,
    get lines() {
      return screen.lines;
    },
    get written() {
      return written;
    },
    async shows(wanted) {
      const deadline = Date.now() + patience;
      for (;;) {
        const text = screen.lines.join('\n');
        if (typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)) return;
        if (Date.now() > deadline) throw new Error(`The screen never showed ${String(wanted)}:\n${text}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    press: (keys) => order({ keys }),
    resize(newColumns, newRows) {
      screen.resize(newColumns, newRows);
      order({ size: [newColumns, newRows] });
    },
    signal: (number) => order({ signal: number }),
    async close() {
      relay.stdin.end();
      await ended.catch(() => undefined);
    },
  };
}

/** Waits for words at the terminal, behind those of the step before, then types. */
export type TypingStep = readonly [words: string, keys: string];

/** Runs the built program at a terminal to its end, and types when it is asked. */
export async function typeAtTerminal(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  steps: readonly TypingStep[],
): Promise<TerminalEnd & { written: string }> {
  const terminal = openTerminal(args, { env, columns: 200 });
  let hasEnded = false;
  const ended = terminal.ended.finally(() => (hasEnded = true));
  let place = 0;
  const deadline = Date.now() + patience;
  for (const [words, keys] of steps) {
    while (terminal.written.indexOf(words, place) === -1 && !hasEnded && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    place = terminal.written.indexOf(words, place) + words.length;
    terminal.press(keys);
  }
  const end = await ended;
  return { ...end, written: terminal.written };
}
