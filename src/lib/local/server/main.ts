import { randomBytes } from 'node:crypto';
import { chmodSync, mkdirSync, readFileSync, writeSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { availableParallelism, userInfo } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { createAdaptorServer } from '@hono/node-server';
import { listDevices } from '../../compute/devices.js';
import { AirError, messageOf, systemCode } from '../../errors.js';
import { packageRoot } from '../../package-root.js';
import { processIdentity } from '../../process-identity.js';
import { Engine } from '../engine/engine.js';
import { Slots } from '../engine/slots.js';
import { Layout } from '../state/layout.js';
import { takeLock } from '../state/lock.js';
import { baseEnvironment, readServerState, writeServerState } from '../state/server-state.js';
import { Database } from '../store/database.js';
import { JobStore } from '../store/jobs.js';
import { PermissionStore } from '../store/permissions.js';
import { migrations } from '../store/schema.js';
import { SecretStore } from '../store/secrets.js';
import { workspaceId } from '../store/settings.js';
import { Tracking } from '../store/tracking.js';
import { Access } from './access.js';
import { createApp } from './app.js';
import type { LocalWorkspace } from './workspace-state.js';

const quietHour = 3_600_000;
/** Between two looks at whether the data folder is still this server's. */
const ownershipMilliseconds = 1000;

process.umask(0o077);
process.on('SIGHUP', () => undefined);
serve(process.argv[2] ?? '').catch((error: unknown) => {
  // Its last line is what the client that started this process shows.
  report([messageOf(error), error instanceof AirError ? error.hint : undefined].filter(Boolean).join(' '));
  process.exit(1);
});

/** Serves the workspace of a data directory until it is told to stop, or has been quiet for an hour. */
async function serve(dataDirectory: string): Promise<void> {
  const layout = new Layout(dataDirectory);
  for (const folder of [layout.root, layout.workspaceFiles, layout.volumes, layout.artifacts, layout.runs]) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }
  chmodSync(layout.root, 0o700);
  if (!takeLock(layout.serverLock)) process.exit(0);

  const known = readServerState(layout);
  const token = known?.token ?? randomBytes(32).toString('hex');
  const environment = baseEnvironment(process.env);
  const devices = listDevices(environment);
  const database = Database.open(layout.database, migrations);
  const jobs = new JobStore(database);
  const tracking = new Tracking(database);
  const secrets = new SecretStore(database, layout.secrets);
  const userName = `${loginName()}@local`;
  mkdirSync(`${layout.workspaceFiles}/Users/${userName}`, { recursive: true, mode: 0o700 });
  const startedAt = Date.now();
  let lastRequest = performance.now();
  let port = 0;
  const host = () => `http://127.0.0.1:${port}`;
  const gpus = (await devices).map(({ index }) => index);
  const engine = new Engine({
    database,
    jobs,
    secrets,
    layout,
    dataDirectory,
    baseEnvironment: environment,
    address: () => ({ host: host(), token }),
    experiments: tracking,
    slots: new Slots(gpus, cpuRuns()),
    userName,
    report,
  });
  const access = new Access(token, () => port);
  const workspace: LocalWorkspace = {
    layout,
    database,
    jobs,
    secrets,
    tracking,
    engine,
    userName,
    workspaceId: workspaceId(database),
    version: ownVersion(),
    startedAt,
    host,
    shutDown: () => setTimeout(stop, 50),
  };
  const app = createApp({
    workspace,
    permissions: new PermissionStore(database),
    access,
    touched: () => {
      lastRequest = performance.now();
    },
    report,
  });
  const server = createAdaptorServer({ fetch: app.fetch, serverOptions: { keepAliveTimeout: 60_000 } });
  port = await listen(known?.port ?? 0);
  if (known && known.port !== port) {
    report(`Port ${known.port} is taken by another program: the address is now ${host()}.`);
  }
  const state = { port, token, version: workspace.version, startedAt, environment, gpus: gpus.length };
  const identity = processIdentity(process.pid);
  writeServerState(layout, { ...state, process: identity });
  engine.adopt();
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
  setInterval(() => {
    if (performance.now() - lastRequest > quietHour && engine.activeRuns === 0) stop();
  }, 60_000).unref();
  // A folder that was removed, and perhaps made anew by another server, is no longer this one's to write to.
  setInterval(() => {
    if (readServerState(layout)?.process !== identity) process.exit(0);
  }, ownershipMilliseconds).unref();

  function stop(): void {
    engine.close();
    try {
      writeServerState(layout, { ...state, process: null });
    } catch (error) {
      // The disk is full: whoever reads the state finds its process gone.
      report(messageOf(error));
    }
    process.exit(0);
  }

  async function listen(wanted: number): Promise<number> {
    try {
      return await listenOn(wanted);
    } catch (error) {
      if (wanted === 0 || systemCode(error) !== 'EADDRINUSE') throw error;
      return listenOn(0);
    }
  }

  function listenOn(wanted: number): Promise<number> {
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(wanted, '127.0.0.1', () => {
        server.off('error', reject);
        resolve((server.address() as AddressInfo).port);
      });
    });
  }
}

/** In containers a user may be a number that the user database does not know. */
function loginName(): string {
  try {
    return userInfo().username;
  } catch {
    return `user-${process.getuid?.() ?? 0}`;
  }
}

/** How many runs go on the CPU at a time. */
function cpuRuns(): number {
  const wanted = Number(process.env['AIR_LOCAL_CPU_RUNS']);
  return Number.isInteger(wanted) && wanted > 0 ? wanted : Math.max(2, availableParallelism());
}

function ownVersion(): string {
  const file = join(packageRoot, 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

function report(message: string): void {
  try {
    writeSync(process.stderr.fd, `${new Date().toISOString()} ${message}\n`);
  } catch {
    // The disk is full: what there is to say finds no place.
  }
}
