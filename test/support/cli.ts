import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const packageRoot = fileURLToPath(new URL('../..', import.meta.url));

export interface CliResult {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface CliOptions {
  /** Replaces the environment, except for PATH. */
  env?: NodeJS.ProcessEnv;
  cwd?: string;
  /** Another user's number, which only root may take. */
  uid?: number;
  /** Written to standard input, which is then closed. Without it there is none. */
  input?: string;
  /** Called with the running process, e.g. to send it a signal. */
  onStart?: (child: ChildProcess) => void;
  /** Called with everything that stdout has said so far, whenever it says more. */
  onStdout?: (text: string) => void;
}

/** Runs the built program as a user does: a process of its own, its streams in pipes. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const child = spawn(process.execPath, [`${packageRoot}/bin/run.js`, ...args], {
    cwd: options.cwd ?? packageRoot,
    ...(options.uid === undefined ? {} : { uid: options.uid }),
    env: { PATH: process.env['PATH'], ...options.env },
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
  });
  let stdout = '';
  let stderr = '';
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
    options.onStdout?.(stdout);
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  child.stdin?.end(options.input);
  options.onStart?.(child);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}

export interface ErrorData {
  code: string;
  kind: string;
  message: string;
  retryable: boolean;
  hint?: string;
  details?: Record<string, unknown>[];
}

/** The envelope that a command in JSON mode printed: its whole output, or the last line of its stream. */
export function envelopeOf(result: CliResult): {
  v: number;
  ts: string;
  data?: Record<string, unknown>;
  error?: ErrorData;
} {
  const text = result.stdout.trim();
  try {
    return JSON.parse(text) as ReturnType<typeof envelopeOf>;
  } catch {
    return JSON.parse(text.slice(text.lastIndexOf('\n') + 1)) as ReturnType<typeof envelopeOf>;
  }
}
