import { spawn, type ChildProcess } from 'node:child_process';

/** A program that writes to the terminal for a while. It gets no keys: they stay with the list. */
export class LogProgram {
  private readonly child: ChildProcess;
  private wasStopped = false;

  /** `onEnd` is told whether the user has stopped the program. */
  constructor(
    [program, ...args]: readonly [program: string, ...args: string[]],
    env: NodeJS.ProcessEnv,
    onEnd: (wasStopped: boolean) => void,
  ) {
    this.child = spawn(program, args, { stdio: ['ignore', 'inherit', 'inherit'], env });
    const end = (): void => onEnd(this.wasStopped);
    this.child.once('error', end);
    this.child.once('exit', end);
  }

  /** As Ctrl-C does. */
  stop(): void {
    this.wasStopped = true;
    this.child.kill('SIGINT');
  }

  /**
   * Ends it before it can do anything more: Node leaves a terminal as it found it at its start, and this one began
   * while keys were read one by one.
   */
  end(): void {
    this.child.kill('SIGKILL');
  }
}
