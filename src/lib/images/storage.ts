import { AirError, messageOf } from '../errors.js';
import { ApiError, type SecretAddress, type Workspace } from '../workspace/index.js';
import type { RegistryLogin } from './docker-configuration.js';

/**
 * Keeps a registry's login as a secret of the caller, where the workspace can read it to pull the image.
 * Answers where it lies. Throws with what the workspace said and whom to ask.
 */
export async function storeLogin(
  workspace: Workspace,
  registry: string,
  login: RegistryLogin,
): Promise<SecretAddress> {
  const { userName } = await workspace.me();
  const scope = `docker-credentials-${userName}`;
  const key = keyOf(registry, login.username);
  await ensureScope(workspace, scope);
  const value = Buffer.from(`${login.username}:${login.password}`).toString('base64');
  try {
    await workspace.secrets.put(scope, key, value);
  } catch (error) {
    throw storageError(error, `The login of ${registry} could not be stored as the secret ${scope}/${key}`);
  }
  return { scope, key };
}

/** Characters that a secret's key cannot have become dashes. */
function keyOf(registry: string, username: string): string {
  return `${registry}-${username}-local`.replace(/[^\w.-]/g, '-').slice(0, 128);
}

async function ensureScope(workspace: Workspace, scope: string): Promise<void> {
  const scopes = await workspace.secrets.scopes().catch((): string[] => []);
  if (scopes.includes(scope)) return;
  try {
    await workspace.secrets.createScope(scope);
  } catch (error) {
    throw storageError(error, `The secret scope ${scope} could not be made`);
  }
}

function storageError(error: unknown, what: string): AirError {
  if (!(error instanceof AirError)) throw error;
  const said = error instanceof ApiError && error.serverMessage ? error.serverMessage : messageOf(error);
  const isQuota = error instanceof ApiError && error.errorCode === 'RESOURCE_LIMIT_EXCEEDED';
  return new AirError(error.code, `${what}: ${said.replace(/\.?$/, '.')}`, {
    kind: error.kind,
    hint: isQuota
      ? 'The workspace has as many secret scopes or secrets as it may have: delete some, or name one of yours with --scope and --key.'
      : 'Ask a workspace admin for the right to make secret scopes, or name a secret with --scope and --key.',
    cause: error,
  });
}
