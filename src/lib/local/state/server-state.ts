import { isSameProcess } from '../../process-identity.js';
import { readJsonIfThere, replaceFile } from './durable.js';
import type { Layout } from './layout.js';

/** What is known of the server outside of it. Port and token outlive the process: printed links stay valid. */
export interface ServerState {
  /** The identity of the server's process; null when it was stopped. */
  process: string | null;
  port: number;
  token: string;
  version: string;
  /** Milliseconds since the epoch. */
  startedAt: number;
  /** The variables of the user's shell that workloads get; see {@link baseEnvironment}. */
  environment: Record<string, string>;
  /** How many GPUs the machine had when the server started. */
  gpus: number;
}

export function readServerState(layout: Layout): ServerState | undefined {
  const state = readJsonIfThere<Partial<ServerState>>(layout.serverState);
  return typeof state?.port === 'number' && typeof state.token === 'string'
    ? (state as ServerState)
    : undefined;
}

export function writeServerState(layout: Layout, state: ServerState): void {
  replaceFile(layout.serverState, JSON.stringify(state));
}

/** The state of a server that runs now. */
export function runningServer(layout: Layout): (ServerState & { process: string }) | undefined {
  const state = readServerState(layout);
  if (!state?.process || !isSameProcess(state.process)) return undefined;
  return { ...state, process: state.process };
}

const inherited = ['HOME', 'USER', 'SHELL', 'LANG', 'TZ', 'TMPDIR', 'PATH', 'VIRTUAL_ENV'];

/** What of the user's shell reaches a workload: nothing but these. */
export function baseEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    inherited.flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** The way to package indexes: proxies, certificates, the settings of pip and uv. */
const indexAccess =
  /^(?:https?_proxy|no_proxy|all_proxy|ssl_cert_file|ssl_cert_dir|requests_ca_bundle|curl_ca_bundle|pip_\w+|uv_\w+)$/i;

/** What of the user's shell reaches the programs that install dependencies, beside the workload's own variables. */
export function installerEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(env).filter(([name]) => indexAccess.test(name)));
}
