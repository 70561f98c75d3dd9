interface Captured {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a piece of work with this environment and keeps what it writes and the exit code that it leaves. */
export async function captured(env: NodeJS.ProcessEnv, work: () => Promise<void>): Promise<Captured> {
  const before = { env: { ...process.env }, exitCode: process.exitCode };
  const out = diverted(process.stdout);
  const err = diverted(process.stderr);
  setEnvironment(env);
  process.exitCode = undefined;
  try {
    await work();
    const { exitCode } = process as { exitCode?: number };
    return { exitCode: exitCode ?? 0, stdout: out.text(), stderr: err.text() };
  } finally {
    out.restore();
    err.restore();
    setEnvironment(before.env);
    process.exitCode = before.exitCode;
  }
}

/** Changes the one object in place: the program holds on to it. */
function setEnvironment(env: NodeJS.ProcessEnv): void {
  for (const name of Object.keys(process.env)) if (!(name in env)) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, env);
}

/**
 * Takes the text that is written to a stream, which for the time is no terminal. Bytes pass: the program writes
 * none, and a test runner reports with them.
 */
function diverted(stream: NodeJS.WriteStream): { text: () => string; restore: () => void } {
  const write = stream.write.bind(stream);
  const terminal = Object.getOwnPropertyDescriptor(stream, 'isTTY');
  let text = '';
  stream.write = (
    chunk: string | Uint8Array,
    encoding?: BufferEncoding | ((error?: Error | null) => void),
    done?: (error?: Error | null) => void,
  ) => {
    if (typeof chunk !== 'string') return write(chunk, encoding as BufferEncoding, done);
    text += chunk;
    const written = typeof encoding === 'function' ? encoding : done;
    if (written) process.nextTick(written);
    return true;
  };
  Object.defineProperty(stream, 'isTTY', { value: false, configurable: true, writable: true });
  return {
    text: () => text,
    restore() {
      stream.write = write;
      if (terminal) Object.defineProperty(stream, 'isTTY', terminal);
      else Reflect.deleteProperty(stream, 'isTTY');
    },
  };
}
