import { AirError, messageOf } from '../errors.js';
import type { Context } from '../io.js';
import type { ImageRegistration, SecretAddress, Workspace } from '../workspace/index.js';
import type { RegistryLogin } from './docker-configuration.js';
import { isRefusal, registrationError } from './failures.js';
import type { ImageReference } from './reference.js';
import { storeLogin } from './storage.js';
import { getRegistration, waitUntilAvailable, type WaitingStep } from './wait.js';

/** What happens while one waits, for a progress line. */
export type RegistrationStep =
  | { step: 'storing-login'; registry: string; username: string }
  | { step: 'anonymous-retry'; reason: string }
  | WaitingStep;

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

/**
 * Mirrors an image into the workspace's registry and waits until it is there. Throws REGISTRATION_FAILED,
 * TRANSIENT when it may succeed later; FEATURE_DISABLED and UNAUTHENTICATED as the workspace says them.
 */
export async function registerImage(
  workspace: Workspace,
  context: Context,
  options: RegistrationOptions,
): Promise<RegisteredImage> {
  const { image, access } = options;
  const [before, credentials] = await Promise.all([
    getRegistration(workspace, image),
    credentialsFor(workspace, options),
  ]);
  let registration: ImageRegistration;
  try {
    registration = await registerOnce(workspace, options, credentials);
  } catch (error) {
    const secret = access.from === 'secret' ? access.address : undefined;
    throw registrationError(error, workspace, { image, secret, storageFailure: credentials.failure });
  }
  const done = await waitUntilAvailable(workspace, context, image, registration, {
    ...options,
    secret: isFound(access) ? undefined : (credentials.address ?? undefined),
  });
  const after = done.manifest_sha256 ?? (await digestOf(workspace, image));
  const digest = after ?? before?.manifest_sha256 ?? null;
  const updated =
    before === null || (!!before.manifest_sha256 && !!after && before.manifest_sha256 !== after);
  return { digest, updated };
}

/** A login of this machine: the same command finds it again, and the user may not know that it is used. */
function isFound(access: RegistryAccess): boolean {
  return access.from === 'login' && !access.typed;
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
    if (!isFound(access) || address === null || !isRefusal(error)) throw error;
    options.report?.({ step: 'anonymous-retry', reason: error.serverMessage || messageOf(error) });
    return workspace.images.register(image.url, null);
  }
}

async function digestOf(workspace: Workspace, image: ImageReference): Promise<string | undefined> {
  return workspace.images.get(image.url).then(
    (registration) => registration?.manifest_sha256,
    () => undefined,
  );
}
