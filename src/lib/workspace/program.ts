import { spawn } from 'node:child_process';

export interface ProgramOptions {
  env: NodeJS.ProcessEnv;
  /** Written to its standard input, which is then closed. Secrets go here, never into arguments. */
  input?: string;
  /** Milliseconds until it is ended. */
  timeout: number;
  signal: AbortSignal;
}

/** How a program ended. `missing`: there is no such program. `late`: it was ended when its time was up. */
export type ProgramEnd =
  | { end: 'done' | 'failed'; stdout: string; stderr: string }
  | { end: 'missing' | 'late'; stdout: ''; stderr: '' };

/** Runs a program without a shell and collects what it prints. Throws only the signal's reason. */
export async function runProgram(
  program: string,
  args: readonly string[],
  options: ProgramOptions,
): Promise<ProgramEnd> {
  options.signal.throwIfAborted();
  const end = await new Promise<ProgramEnd>((resolve) => {
    const child = spawn(program, args, { env: options.env, stdio: ['pipe', 'pipe', 'pipe'] });
    const output: Record<'stdout' | 'stderr', Buffer[]> = { stdout: [], stderr: [] };
    const finish = (ending: ProgramEnd) => {
      clearTimeout(timer);
      options.signal.removeEventListener('abort', stop);
      resolve(ending);
    };
    const stop = () => {
      child.kill('SIGKILL');
      finish({ end: 'late', stdout: '', stderr: '' });
    };
    const timer = setTimeout(stop, options.timeout);
    options.signal.addEventListener('abort', stop, { once: true });
    child.stdout.on('data', (chunk: Buffer) => output.stdout.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => output.stderr.push(chunk));
    child.on('error', () => finish({ end: 'missing', stdout: '', stderr: '' }));
    child.on('close', (code) => {
      const [stdout, stderr] = [Buffer.concat(output.stdout), Buffer.concat(output.stderr)];
      finish({ end: code === 0 ? 'done' : 'failed', stdout: stdout.toString(), stderr: stderr.toString() });
    });
    // A program that does not read its input closes the pipe: its exit code tells the rest.
    child.stdin.on('error', () => undefined);
    child.stdin.end(options.input ?? '');
  });
  options.signal.throwIfAborted();
  return end;
}
