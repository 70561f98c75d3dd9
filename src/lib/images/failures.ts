import { AirError } from '../errors.js';
import { shellWord } from '../shell-word.js';
import { ApiError, type SecretAddress, type Workspace } from '../workspace/index.js';
import { targetFlags } from '../workspace/target-flags.js';
import type { ImageReference } from './reference.js';

/** What was tried, for the words about its failure. */
export interface RegistrationAttempt {
  image: ImageReference;
  /** The secret that the user named. */
  secret?: SecretAddress | undefined;
  /** Why a login that was found on this machine could not be stored. */
  storageFailure?: AirError | undefined;
}

/** Whether an answer says that the image cannot be pulled with the login it was given, or without one. */
export function isRefusal(error: unknown): error is ApiError {
  return (
    error instanceof ApiError &&
    (error.status === 401 || error.status === 403) &&
    error.code !== 'FEATURE_DISABLED'
  );
}

/** A failed call in the words of a registration. What concerns the workspace as a whole keeps its own code. */
export function registrationError(
  error: unknown,
  workspace: Workspace,
  { image, secret, storageFailure }: RegistrationAttempt,
): unknown {
  if (!(error instanceof AirError)) return error;
  if (error.code === 'FEATURE_DISABLED') return noRegistry(error, workspace);
  if (!isRefusal(error)) {
    const said = error instanceof ApiError && error.serverMessage ? error.serverMessage : error.message;
    return new AirError(
      'REGISTRATION_FAILED',
      `${image.given} could not be registered: ${said.replace(/\.?$/, '.')}`,
      {
        kind: error.retryable ? 'TRANSIENT' : 'PERMANENT',
        hint: error.hint ?? `Check the address: docker pull ${image.given}`,
        cause: error,
      },
    );
  }
  const said = error.serverMessage.replace(/\.?$/, '.');
  if (secret !== undefined) {
    const { scope, key } = secret;
    return new AirError(
      'REGISTRATION_FAILED',
      `${image.given} cannot be pulled with the secret ${scope}/${key}: ${said}`,
      {
        hint: `The secret's value is base64 of "user:password". Check it, and that you may read it: databricks secrets list-secrets ${scope}`,
        cause: error,
      },
    );
  }
  if (storageFailure !== undefined) {
    return new AirError(
      'REGISTRATION_FAILED',
      `${image.given} needs a login, and the one found on this machine could not be used. ${storageFailure.message}`,
      { ...(storageFailure.hint ? { hint: storageFailure.hint } : {}), cause: error },
    );
  }
  return new AirError('REGISTRATION_FAILED', `${image.given} does not exist, or needs a login: ${said}`, {
    hint: `Log in and try again: docker login ${image.registry}, or: ${registerCommand(workspace, image)} --interactive-authenticate`,
    cause: error,
  });
}

/** The command that registers this image in this workspace, by the secret that holds the registry's login. */
export function registerCommand(
  { target }: Workspace,
  image: ImageReference,
  secret?: SecretAddress,
): string {
  const login = secret ? ` --scope ${shellWord(secret.scope)} --key ${shellWord(secret.key)}` : '';
  return `air register-image ${image.given}${login}${targetFlags(target)}`;
}

export function noRegistry(error: AirError, { target }: Workspace): AirError {
  return target.local
    ? new AirError(
        'FEATURE_DISABLED',
        'The workspace on this machine keeps no images: its runs use the software of this machine.',
        {
          hint: 'Leave docker_image out of the file to run here. To use the image in a Databricks workspace, leave --local away.',
          cause: error,
        },
      )
    : new AirError(
        'FEATURE_DISABLED',
        `${target.host} does not offer image registration: ${error.message.replace(/\.?$/, '.')}`,
        {
          hint: 'Ask a workspace admin to enable it.',
          cause: error,
        },
      );
}
