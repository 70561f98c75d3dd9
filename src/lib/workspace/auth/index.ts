import { AirError } from '../../errors.js';
import { isLoopback } from '../proxies.js';
import type { Target } from '../target.js';
import { findConfiguration, type ConfigurationRequest } from './configuration.js';
import { chooseCredentials, type CredentialsRequest } from './credentials.js';
import { parseHost } from './host.js';

export type AuthRequest = ConfigurationRequest &
  Pick<CredentialsRequest, 'cacheDirectory' | 'context' | 'transport'>;

/**
 * The workspace that flags, environment and `.databrickscfg` name. Nothing is sent. Throws UNAUTHENTICATED with
 * what was looked for and what to type next.
 */
export async function resolveTarget(request: AuthRequest): Promise<Target> {
  const configuration = await findConfiguration(request);
  const { fields, source, profile } = configuration;
  if (fields.host === undefined) {
    throw new AirError('UNAUTHENTICATED', `No host is set in ${source}.`, {
      hint: 'Add a line "host = https://<your-workspace>" to it, or set DATABRICKS_HOST.',
    });
  }
  const { origin: host, workspaceId: fromAddress } = parseHost(fields.host, source);
  const url = new URL(host);
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    request.warn({
      message: `${host} is not encrypted: everyone on the way can read the token.`,
      hint: 'Write host with https://',
    });
  }
  const workspaceId = fields.workspace_id ?? fromAddress;
  return {
    host,
    credentials: chooseCredentials({ ...request, configuration, host }),
    source,
    ...(profile === undefined ? {} : { profile }),
    ...(workspaceId === null ? {} : { workspaceId }),
    local: false,
  };
}
