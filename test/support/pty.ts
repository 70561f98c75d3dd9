import { spawn, spawnSync } from 'node:child_process';
import { packageRoot } from './cli.js';

/** What happened at the terminal. */
export interface PtyResult {
  code: number;
  /** Everything that the terminal showed, what it echoed included; lines end with `\r\n`. */
  screen: string;
  /** Whether the terminal was left in the mode in which it was found: echo, lines, signals. */
  restored: boolean;
}

/** Waits for words on the screen, behind those of the step before, then types. */
export type PtyStep = readonly [words: string, keys: string];

/** The terminal itself. Its instructions come as JSON on standard input: what is typed may be secret. */
const terminalProgram = `
import fcntl, json, os, pty, select, subprocess, sys, termios, time
order = json.load(sys.stdin)
master, slave = pty.openpty()
before = termios.tcgetattr(slave)
child = subprocess.Popen(order["argv"], env=order["env"], stdin=slave, stdout=slave, stderr=slave,
    start_new_session=True, preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
screen, seen, steps, end = b"", 0, order["steps"], time.monotonic() + 50
while True:
    if select.select([master], [], [], 0.02)[0]:
        screen += os.read(master, 65536)
    elif child.poll() is not None:
        break
    while steps and (place := screen.find(steps[0][0].encode(), seen)) >= 0:
        seen = place + len(steps[0][0].encode())
        os.write(master, steps.pop(0)[1].encode())
    if time.monotonic() > end:
        child.kill()
restored = termios.tcgetattr(slave)[:4] == before[:4]
print(json.dumps({"code": child.returncode, "screen": screen.decode(errors="replace"), "restored": restored}))
`;

/** Whether this machine can make a terminal. */
export function hasPty(): boolean {
  return spawnSync('python3', ['-c', 'import pty, termios']).status === 0;
}

/** Runs the built program at a terminal of its own. */
export async function runAtTerminal(
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  steps: readonly PtyStep[],
): Promise<PtyResult> {
  const argv = [process.execPath, `${packageRoot}/bin/run.js`, ...args];
  const child = spawn('python3', ['-c', terminalProgram], { stdio: ['pipe', 'pipe', 'inherit'] });
  let answer = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (answer += text));
  child.stdin.end(JSON.stringify({ argv, env: { PATH: process.env['PATH'], TERM: 'xterm', ...env }, steps }));
  await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
  return JSON.parse(answer) as PtyResult;
}
