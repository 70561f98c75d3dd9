import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync } from 'node:fs';
import { constants } from 'node:os';
import { messageOf } from '../../errors.js';
import type { NodeSpec } from './folder.js';
import type { LogWriter } from './log-writer.js';

const shell = existsSync('/bin/bash') ? '/bin/bash' : 'bash';
/** What a shell answers when a program cannot be started. */
const cannotStart = 127;

/** One running node: a session of its own whose output goes to its log. */
export class Node {
  /** Session and process group; undefined when it could not be started. */
  readonly pid: number | undefined;
  /** The exit code of its first process, as a shell would say it. */
  readonly exited: Promise<number>;
  /** Resolves when nobody can write to its log any more. */
  readonly silent: Promise<void>;

  constructor(
    readonly spec: NodeSpec,
    commandFile: string,
    env: Readonly<Record<string, string>>,
    log: LogWriter,
    onLogFailure: (error: unknown) => void,
  ) {
    mkdirSync(spec.workFolder, { recursive: true, mode: 0o700 });
    let child: ChildProcess;
    try {
      // One pipe for both streams keeps their lines in the order they were written.
      child = spawn(shell, ['-c', 'exec "$0" "$1" 2>&1', shell, commandFile], {
        cwd: spec.workFolder,
        env: { ...env },
        detached: true,
        stdio: ['ignore', 'pipe', 'ignore'],
      });
    } catch (error) {
      log.line(`The node could not be started: ${messageOf(error)}`);
      this.pid = undefined;
      this.exited = Promise.resolve(cannotStart);
      this.silent = Promise.resolve();
      return;
    }
    this.pid = child.pid;
    const output = child.stdout;
    output?.on('data', (chunk: Buffer) => {
      try {
        log.write(chunk);
      } catch (error) {
        onLogFailure(error);
      }
    });
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => resolve(shellCode(code, signal)));
      child.once('error', (error) => {
        log.line(`The node could not be started: ${messageOf(error)}`);
        resolve(cannotStart);
      });
    });
    this.silent = new Promise((resolve) => {
      child.once('close', () => resolve());
      child.once('error', () => resolve());
    });
  }
}

function shellCode(code: number | null, signal: NodeJS.Signals | null): number {
  if (code !== null) return code;
  return 128 + (signal === null ? 0 : constants.signals[signal]);
}
