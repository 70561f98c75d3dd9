import type { Context } from '../../io.js';
import { AirError } from '../../errors.js';
import type { Target } from '../target.js';
import { findConfiguration, type ConfigurationRequest } from './configuration.js';
import { parseHost } from './host.js';

export interface AuthRequest extends ConfigurationRequest {
  context: Context;
}

/**
 * The workspace that flags, environment and `.databrickscfg` name. Nothing is sent. Throws UNAUTHENTICATED with
 * what was looked for and what to type next.
 */
export async function resolveTarget(request: AuthRequest): Promise<Target> {
  const { fields, source, profile } = await findConfiguration(request);
  if (fields.host === undefined) {
    throw new AirError('UNAUTHENTICATED', `No host is set in ${source}.`, {
      hint: `Add a line "host = https://<your-workspace>" to it, or set DATABRICKS_HOST.`,
    });
  }
  const address = parseHost(fields.host, source);
  const workspaceId = fields.workspace_id ?? address.workspaceId;
  if (fields.token === undefined) {
    throw new AirError('UNAUTHENTICATED', `There is no token in ${source}.`);
  }
  const headers = { authorization: `Bearer ${fields.token}` };
  return {
    host: address.origin,
    credentials: { kind: 'pat', headers: () => Promise.resolve(headers) },
    source,
    ...(profile === undefined ? {} : { profile }),
    ...(workspaceId === null ? {} : { workspaceId }),
    local: false,
  };
}
