import type { Context } from '../../io.js';
import { AirError } from '../../errors.js';
import { shellWord } from '../../shell-word.js';
import type { Credentials } from '../target.js';
import type { TransportOptions } from '../transport.js';
import { azureCliToken, azureScope, azureTokenEndpoint } from './azure.js';
import { fieldVariables, type Configuration, type Field } from './configuration.js';
import { databricksCliToken } from './databricks-cli.js';
import { firstThatWorks } from './fallback.js';
import { isAzure } from './host.js';
import { OAuthClient } from './oauth.js';
import { RenewableCredentials } from './renewable.js';
import { TokenCache } from './token-cache.js';

export interface CredentialsRequest {
  configuration: Configuration;
  /** The workspace's origin. */
  host: string;
  env: NodeJS.ProcessEnv;
  /** Where tokens are kept between commands. */
  cacheDirectory: string;
  context: Context;
  transport: TransportOptions;
}

/** The ways to authenticate, by the names the Databricks tools give them, and what each needs. */
export const kinds = {
  pat: { needs: ['token'], make: token },
  'oauth-m2m': { needs: ['client_id', 'client_secret'], make: servicePrincipal },
  'azure-client-secret': {
    needs: ['azure_client_id', 'azure_client_secret', 'azure_tenant_id'],
    make: azureServicePrincipal,
  },
  'databricks-cli': { needs: [], make: databricksCli },
  'azure-cli': { needs: [], make: azureCli },
} as const satisfies Record<string, Kind>;

interface Kind {
  needs: readonly Field[];
  make: (request: CredentialsRequest) => Credentials;
}

/**
 * The credentials that a configuration stands for: the kind it names by `auth_type`, else the first whose fields
 * are all there, else the login of the Databricks CLI (on Azure, the Azure CLI's after it). Nothing is sent.
 */
export function chooseCredentials(request: CredentialsRequest): Credentials {
  const { fields } = request.configuration;
  if (fields.auth_type !== undefined) return forced(fields.auth_type, request);
  for (const { needs, make } of Object.values(kinds) as Kind[]) {
    if (needs.length > 0 && needs.every((field) => fields[field] !== undefined)) return make(request);
  }
  const { client_id: id, client_secret: secret } = fields;
  if (id !== undefined || secret !== undefined) throw missingFields('oauth-m2m', request);
  const login = databricksCli(request);
  return isAzure(request.host) ? firstThatWorks([login, azureCli(request)]) : login;
}

function forced(name: string, request: CredentialsRequest): Credentials {
  const kind = Object.hasOwn(kinds, name) ? (kinds as Record<string, Kind>)[name] : undefined;
  const { source } = request.configuration;
  if (kind === undefined) {
    throw new AirError('UNAUTHENTICATED', `auth_type ${JSON.stringify(name)} (${source}) is not supported.`, {
      hint: `Supported are: ${Object.keys(kinds).join(', ')}.`,
    });
  }
  if (!kind.needs.every((field) => request.configuration.fields[field] !== undefined)) {
    throw missingFields(name as keyof typeof kinds, request);
  }
  return kind.make(request);
}

function missingFields(name: keyof typeof kinds, { configuration }: CredentialsRequest): AirError {
  const missing = kinds[name].needs.filter((field) => configuration.fields[field] === undefined);
  const words = missing.map((field) => `${field} (${fieldVariables[field]})`).join(' and ');
  return new AirError('UNAUTHENTICATED', `${name} needs ${words}, which ${configuration.source} lacks.`, {
    hint: configuration.profile
      ? `Add it to the profile, or see what the Databricks tools make of it: databricks auth describe -p ${shellWord(configuration.profile)}`
      : `Set ${missing.map((field) => fieldVariables[field]).join(' and ')}.`,
  });
}

function token({ configuration }: CredentialsRequest): Credentials {
  const headers = { authorization: `Bearer ${configuration.fields.token ?? ''}` };
  return { kind: 'pat', headers: () => Promise.resolve(headers) };
}

function servicePrincipal(request: CredentialsRequest): Credentials {
  const { host, configuration, context } = request;
  const { client_id: clientId = '', client_secret: clientSecret = '' } = configuration.fields;
  const client = new OAuthClient(context, request.transport, configuration.source);
  return new RenewableCredentials({
    kind: 'oauth-m2m',
    context,
    store: new TokenCache(request.cacheDirectory, ['oauth-m2m', host, clientId, clientSecret]),
    fetch: async (signal) =>
      client.clientToken(
        await client.tokenEndpoint(host, signal),
        {
          who: `client ${clientId} of ${configuration.source} (oauth-m2m)`,
          clientId,
          clientSecret,
          scope: 'all-apis',
          secretIn: 'header',
          hint: `Check client_id and client_secret: an OAuth secret may have expired or been deleted, and it belongs to one account.`,
        },
        signal,
      ),
  });
}

function azureServicePrincipal(request: CredentialsRequest): Credentials {
  const { configuration, context, env } = request;
  const { azure_client_id: clientId = '', azure_client_secret: clientSecret = '' } = configuration.fields;
  const { azure_tenant_id: tenant = '', azure_environment: cloud } = configuration.fields;
  const endpoint = azureTokenEndpoint(tenant, cloud, env);
  const client = new OAuthClient(context, request.transport, configuration.source);
  return new RenewableCredentials({
    kind: 'azure-client-secret',
    context,
    store: new TokenCache(request.cacheDirectory, ['azure', endpoint, clientId, clientSecret]),
    fetch: (signal) =>
      client.clientToken(
        endpoint,
        {
          who: `client ${clientId} of ${configuration.source} (azure-client-secret)`,
          clientId,
          clientSecret,
          scope: azureScope,
          secretIn: 'body',
          hint: 'Check azure_client_id, azure_client_secret and azure_tenant_id (ARM_CLIENT_ID, ARM_CLIENT_SECRET, ARM_TENANT_ID).',
        },
        signal,
      ),
  });
}

function databricksCli(request: CredentialsRequest): Credentials {
  const { host, configuration, context, env } = request;
  const login = {
    program: configuration.fields.databricks_cli_path ?? 'databricks',
    host,
    profile: configuration.profile,
    source: configuration.source,
    lacksToken: configuration.profile === undefined && configuration.fields.auth_type === undefined,
    env,
    timeout: childTimeout(context),
    now: () => context.clock.now(),
  };
  const fetch = (signal: AbortSignal) => databricksCliToken(login, signal);
  return new RenewableCredentials({ kind: 'databricks-cli', context, fetch });
}

function azureCli(request: CredentialsRequest): Credentials {
  const { configuration, context, env } = request;
  const login = {
    source: configuration.source,
    tenant: configuration.fields.azure_tenant_id,
    env,
    timeout: childTimeout(context),
    now: () => context.clock.now(),
  };
  const fetch = (signal: AbortSignal) => azureCliToken(login, signal);
  return new RenewableCredentials({ kind: 'azure-cli', context, fetch });
}

/** At a terminal a keyring may ask its owner for a password; elsewhere nobody would answer. */
function childTimeout({ io }: Context): number {
  return io.stdin.isTTY === true ? 60_000 : 11_000;
}
