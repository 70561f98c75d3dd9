import { messageOf } from '../../errors.js';
import { Layout } from '../state/layout.js';
import { readServerState, runningServer } from '../state/server-state.js';
import { startServerProcess } from '../state/start.js';
import { Attempt } from './attempt.js';
import { AttemptFolder, type AttemptSpec } from './folder.js';

const watchMilliseconds = 1000;

/** Starts the workspace's server again when it is gone, unless it was stopped on purpose. */
function keepServer(dataDirectory: string): NodeJS.Timeout {
  const layout = new Layout(dataDirectory);
  return setInterval(() => {
    const state = readServerState(layout);
    if (state?.process && !runningServer(layout)) startServerProcess(dataDirectory, layout, process.env);
  }, watchMilliseconds);
}

/** Runs the attempt to its end; an error of ours goes to the workspace's own log. */
async function supervise(folder: AttemptFolder, spec: AttemptSpec): Promise<void> {
  const keeper = keepServer(spec.dataDirectory);
  try {
    await new Attempt(folder, spec).run();
  } catch (error) {
    process.stderr.write(`${messageOf(error)}\n`);
    process.exitCode = 1;
  } finally {
    clearInterval(keeper);
  }
}

const folder = new AttemptFolder(process.argv[2] ?? '');
const { spec } = folder;
// The terminal or the session that started the workspace may end: its nodes go on.
process.on('SIGHUP', () => undefined);
if (spec && folder.claim()) void supervise(folder, spec);
