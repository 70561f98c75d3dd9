import { AirError } from '../../errors.js';
import { shellWord } from '../../shell-word.js';
import { runProgram } from '../program.js';
import { redact } from '../redaction.js';
import type { Token } from './renewable.js';

/** The application id of Azure Databricks: the same in every tenant. */
const databricksResource = '2ff814a6-3304-4ab8-85cb-cd0e6f879c1d';
export const azureScope = `${databricksResource}/.default`;

const authorities: Readonly<Record<string, string>> = {
  PUBLIC: 'https://login.microsoftonline.com',
  USGOVERNMENT: 'https://login.microsoftonline.us',
  CHINA: 'https://login.chinacloudapi.cn',
};

/** The token endpoint of a tenant: `AZURE_AUTHORITY_HOST` decides, then the cloud that was configured. */
export function azureTokenEndpoint(
  tenant: string,
  cloud: string | undefined,
  env: NodeJS.ProcessEnv,
): string {
  const named = env['AZURE_AUTHORITY_HOST']?.trim();
  const known = authorities[(cloud ?? 'PUBLIC').toUpperCase().replace(/^AZURE|CLOUD$/g, '')];
  const authority = named ? (named.includes('://') ? named : `https://${named}`) : known;
  if (authority === undefined || !URL.canParse(authority)) {
    throw new AirError('UNAUTHENTICATED', `azure_environment ${JSON.stringify(cloud)} is not known.`, {
      hint: `Known are: ${Object.keys(authorities).join(', ')}.`,
    });
  }
  return `${authority.replace(/\/+$/, '')}/${encodeURIComponent(tenant)}/oauth2/v2.0/token`;
}

export interface AzureCliLogin {
  source: string;
  tenant: string | undefined;
  env: NodeJS.ProcessEnv;
  timeout: number;
  now: () => number;
}

/** Asks the Azure CLI for a token. Throws UNAUTHENTICATED when it is missing or wants a login. */
export async function azureCliToken(login: AzureCliLogin, signal: AbortSignal): Promise<Token> {
  const args = ['account', 'get-access-token', '--resource', databricksResource, '--output', 'json'];
  if (login.tenant !== undefined) args.push('--tenant', login.tenant);
  const { env, timeout } = login;
  const result = await runProgram('az', args, { env, timeout, signal });
  const who = `${login.source} (azure-cli)`;
  const hint = `Log in: az login${login.tenant === undefined ? '' : ` --tenant ${shellWord(login.tenant)}`}`;
  switch (result.end) {
    case 'missing':
      throw new AirError(
        'UNAUTHENTICATED',
        `The Azure CLI is wanted for ${who}, but there is no program "az".`,
        {
          hint: 'Install it (https://learn.microsoft.com/cli/azure/install-azure-cli) and type: az login',
        },
      );
    case 'late':
      throw new AirError(
        'INTERNAL_ERROR',
        `The Azure CLI gave no token for ${who} within ${Math.round(timeout / 1000)} s.`,
        { kind: 'TRANSIENT', hint: 'See what it waits for: az account show' },
      );
    case 'failed': {
      const said = redact(result.stderr.trim().replace(/^ERROR:\s*/i, '')).slice(0, 500);
      throw new AirError(
        'UNAUTHENTICATED',
        `The Azure CLI gave no token for ${who}: ${said.replace(/\.?$/, '.')}`,
        {
          hint,
        },
      );
    }
    case 'done': {
      const token = tokenOf(result.stdout, login.now());
      if (token !== null) return token;
      throw new AirError('UNAUTHENTICATED', `The Azure CLI gave no readable token for ${who}.`, { hint });
    }
  }
}

/** Newer versions tell the end in seconds (`expires_on`), older ones only in local time (`expiresOn`). */
function tokenOf(stdout: string, now: number): Token | null {
  try {
    const answer = JSON.parse(stdout) as { accessToken?: unknown; expires_on?: unknown; expiresOn?: unknown };
    if (typeof answer.accessToken !== 'string' || answer.accessToken === '') return null;
    const seconds = Number(answer.expires_on);
    const local =
      typeof answer.expiresOn === 'string' ? Date.parse(answer.expiresOn.replace(' ', 'T')) : Number.NaN;
    const expiresAt = seconds > 0 ? seconds * 1000 : Number.isNaN(local) ? null : local;
    return { value: answer.accessToken, obtainedAt: now, expiresAt };
  } catch {
    return null;
  }
}
