import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  scriptedToken,
  startScriptedWorkspace,
  type ScriptedWorkspace,
  type Scripts,
} from './scripted-workspace.js';

/** Somebody whose home is empty and whose environment names a scripted workspace. */
export interface ScriptedUser {
  readonly home: string;
  readonly server: ScriptedWorkspace;
  readonly env: Readonly<Record<string, string>>;
  /** Closes the workspace and removes the home. */
  leave(): Promise<void>;
}

export async function startScriptedUser(scripts: Scripts): Promise<ScriptedUser> {
  const home = await mkdtemp(join(tmpdir(), 'air-user-'));
  const server = await startScriptedWorkspace(scripts);
  return {
    home,
    server,
    env: { HOME: home, DATABRICKS_HOST: server.url, DATABRICKS_TOKEN: scriptedToken },
    async leave() {
      await server.close();
      await rm(home, { recursive: true, force: true });
    },
  };
}
