import type { Interfaces } from '@oclif/core';
import type { Context } from '../io.js';
import type { LocalAddress } from '../local/client/index.js';
import {
  openWorkspace,
  proxySettings,
  type HttpOptions,
  type Target,
  type Workspace,
} from '../workspace/index.js';
import { resolveTarget } from '../workspace/auth/index.js';
import type { Warning } from './envelope.js';
import type { Host } from './host.js';

export interface Surroundings {
  config: Interfaces.Config;
  host: Host;
  context: Context;
  warn: (warning: Warning) => void;
  trace?: (line: string) => void;
}

/** Opens the workspace that the flags name: the local one, started if need be, or a Databricks one. */
export async function openTarget(
  flags: { profile?: string | undefined; local?: boolean },
  surroundings: Surroundings,
): Promise<Workspace> {
  const { config, host, context, trace } = surroundings;
  const transport: HttpOptions = {
    userAgent: `air-cli/${config.version} node/${process.versions.node} ${process.platform}`,
    proxies: proxySettings(host.env),
    ...(trace ? { trace } : {}),
  };
  const target = flags.local
    ? await ensuredTarget(surroundings)
    : await resolveTarget({
        profile: flags.profile,
        env: host.env,
        homeDirectory: config.home,
        cacheDirectory: config.cacheDir,
        context,
        transport,
        warn: surroundings.warn,
      });
  return openWorkspace(target, context, transport);
}

async function ensuredTarget({ config, host, context }: Surroundings): Promise<Target> {
  const { ensureLocalWorkspace } = await import('../local/client/index.js');
  return localTarget(
    await ensureLocalWorkspace({
      dataDirectory: config.dataDir,
      version: config.version,
      env: host.env,
      context,
    }),
  );
}

/** A running local workspace as something to talk to. */
export function localTarget({ host, token }: LocalAddress): Target {
  return {
    host,
    credentials: { kind: 'pat', headers: () => Promise.resolve({ authorization: `Bearer ${token}` }) },
    source: 'the local workspace',
    local: true,
  };
}
