import { AirError, messageOf } from '../errors.js';
import type { Context } from '../io.js';
import { ApiError, type ImageRegistration, type SecretAddress, type Workspace } from '../workspace/index.js';
import { targetFlags } from '../workspace/target-flags.js';
import type { RegistryLogin } from './docker-configuration.js';
import type { ImageReference } from './reference.js';
import { storeLogin } from './storage.js';

/** What happens while one waits, for a progress line. */
export type RegistrationStep =
  | { step: 'storing-login'; registry: string; username: string }
  | { step: 'anonymous-retry'; reason: string }
  | { step: 'waiting'; state: string; seconds: number };

/** Where the registry's login comes from: a secret the user named, a login found or typed, or nowhere. */
export type RegistryAccess =
  | { from: 'secret'; address: SecretAddress }
  | { from: 'login'; login: RegistryLogin; typed: boolean }
  | { from: 'nowhere' };

export interface RegistrationOptions {
  image: ImageReference;
  access: RegistryAccess;
  /** Milliseconds until the image must be available. */
  timeout: number;
  report?: (step: RegistrationStep) => void;
}

export interface RegisteredImage {
  /** `sha256:...`; null when the workspace does not say. */
  digest: string | null;
  /** Whether this registration brought a new image, or another version of it. */
  updated: boolean;
}

const firstWait = 1_000;
const longestWait = 15_000;

/**
 * Mirrors an image into the workspace's registry and waits until it is there. Throws REGISTRATION_FAILED,
 * TRANSIENT when it may succeed later; FEATURE_DISABLED and UNAUTHENTICATED as the workspace says them.
 */
export async function registerImage(
  workspace: Workspace,
  context: Context,
  options: RegistrationOptions,
): Promise<RegisteredImage> {
  const { image } = options;
  const [before, credentials] = await Promise.all([
    getRegistration(workspace, image),
    credentialsFor(workspace, options),
  ]);
  let registration: ImageRegistration;
  try {
    registration = await registerOnce(workspace, options, credentials);
  } catch (error) {
    throw registrationError(error, workspace, image, options.access, credentials.failure);
  }
  const done = await waitUntilAvailable(workspace, context, image, registration, options);
  const after = done.manifest_sha256 ?? (await digestOf(workspace, image));
  const digest = after ?? before?.manifest_sha256 ?? null;
  const updated =
    before === null || (!!before.manifest_sha256 && !!after && before.manifest_sha256 !== after);
  return { digest, updated };
}

interface Credentials {
  address: SecretAddress | null;
  /** Why a login that was found could not be stored. */
  failure?: AirError;
}

/** A login goes into a secret, unless the image is for everyone. A found one that cannot be stored is done without. */
async function credentialsFor(workspace: Workspace, options: RegistrationOptions): Promise<Credentials> {
  const { access, image } = options;
  if (access.from === 'secret') return { address: access.address };
  if (access.from === 'nowhere') return { address: null };
  if (!access.typed && (await isPublic(workspace, image))) return { address: null };
  options.report?.({ step: 'storing-login', registry: image.registry, username: access.login.username });
  try {
    return { address: await storeLogin(workspace, image.registry, access.login) };
  } catch (error) {
    if (access.typed || !(error instanceof AirError)) throw error;
    return { address: null, failure: error };
  }
}

async function isPublic(workspace: Workspace, image: ImageReference): Promise<boolean> {
  return workspace.images.isPublic(image.url).then(
    (answer) => answer === true,
    () => false,
  );
}

/** One registration; a login found on this machine that the registry refuses is followed by one without. */
async function registerOnce(
  workspace: Workspace,
  options: RegistrationOptions,
  { address }: Credentials,
): Promise<ImageRegistration> {
  const { image, access } = options;
  try {
    return await workspace.images.register(image.url, address);
  } catch (error) {
    const isFound = access.from === 'login' && !access.typed && address !== null;
    if (!isFound || !isRefusal(error)) throw error;
    options.report?.({ step: 'anonymous-retry', reason: error.serverMessage || messageOf(error) });
    return workspace.images.register(image.url, null);
  }
}

function isRefusal(error: unknown): error is ApiError {
  return (
    error instanceof ApiError &&
    (error.status === 401 || error.status === 403) &&
    error.code !== 'FEATURE_DISABLED'
  );
}

/** The registration of an image; null when nobody registered it. Throws what the workspace says of itself. */
export async function getRegistration(
  workspace: Workspace,
  image: ImageReference,
): Promise<ImageRegistration | null> {
  try {
    return await workspace.images.get(image.url);
  } catch (error) {
    throw error instanceof AirError && error.code === 'FEATURE_DISABLED'
      ? noRegistry(error, workspace)
      : error;
  }
}

async function digestOf(workspace: Workspace, image: ImageReference): Promise<string | undefined> {
  return workspace.images.get(image.url).then(
    (registration) => registration?.manifest_sha256,
    () => undefined,
  );
}

/** Asks until the image is there: seldom at the end of a long wait, often at its beginning. */
export async function waitUntilAvailable(
  workspace: Workspace,
  context: Context,
  image: ImageReference,
  first: ImageRegistration,
  options: Pick<RegistrationOptions, 'timeout' | 'report'>,
): Promise<ImageRegistration> {
  const started = context.clock.now();
  let registration = first;
  for (let wait = firstWait; registration.state !== 'AVAILABLE'; wait = Math.min(wait * 1.5, longestWait)) {
    if (registration.state === 'FAILED') {
      throw new AirError(
        'REGISTRATION_FAILED',
        `${image.given} could not be registered: ${(registration.status_message?.trim() || 'the workspace gives no reason').replace(/\.?$/, '.')}`,
        {
          hint: `Check that the image can be pulled (docker pull ${image.given}), then: ${registerCommand(workspace, image)}`,
        },
      );
    }
    const spent = context.clock.now() - started;
    if (spent >= options.timeout) {
      throw new AirError(
        'REGISTRATION_FAILED',
        `${image.given} was not available after ${Math.round(options.timeout / 60_000)} min; it goes on in the workspace (state ${registration.state ?? 'PENDING'}).`,
        { kind: 'TRANSIENT', hint: `Wait for it again: ${registerCommand(workspace, image)}` },
      );
    }
    options.report?.({
      step: 'waiting',
      state: registration.state ?? 'PENDING',
      seconds: Math.round(spent / 1000),
    });
    await context.clock.sleep(Math.min(wait, options.timeout - spent), context.signal);
    const next = await getRegistration(workspace, image);
    if (next === null) {
      throw new AirError(
        'REGISTRATION_FAILED',
        `The registration of ${image.given} is gone: someone deleted it.`,
        {
          hint: `Register it again: ${registerCommand(workspace, image)}`,
        },
      );
    }
    registration = next;
  }
  return registration;
}

/** A failed call in the words of a registration. What concerns the workspace as a whole keeps its own code. */
function registrationError(
  error: unknown,
  workspace: Workspace,
  image: ImageReference,
  access: RegistryAccess,
  storageFailure?: AirError,
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
  if (access.from === 'secret') {
    const { scope, key } = access.address;
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

/** The command that registers this image in this workspace. */
export function registerCommand({ target }: Workspace, image: ImageReference): string {
  return `air register-image ${image.given}${targetFlags(target)}`;
}

function noRegistry(error: AirError, { target }: Workspace): AirError {
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
