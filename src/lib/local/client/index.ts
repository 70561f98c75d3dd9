import type { Context } from '../../io.js';

export interface LocalOptions {
  /** oclif's data directory: the workspace's state lives below it. */
  dataDirectory: string;
  version: string;
  env: NodeJS.ProcessEnv;
  context: Context;
}

/** Where the local workspace answers, and the token it wants. */
export interface LocalAddress {
  host: string;
  token: string;
}

/** The running local workspace, started first if there is none. */
export function ensureLocalWorkspace(_options: LocalOptions): Promise<LocalAddress> {
  throw new Error('not built');
}
