import { AirError } from '../errors.js';
import type { Context } from '../io.js';
import type { SecretAddress, Workspace } from '../workspace/index.js';
import { findRegistryLogin, type DockerSurroundings } from './docker-configuration.js';
import { parseImageReference } from './reference.js';
import { registerCommand } from './failures.js';
import {
  registerImage,
  type RegisteredImage,
  type RegistrationStep,
  type RegistryAccess,
} from './registration.js';
import { getRegistration, waitUntilAvailable } from './wait.js';

export { parseImageReference, type ImageReference } from './reference.js';
export { findRegistryLogin, type DockerSurroundings, type RegistryLogin } from './docker-configuration.js';
export * from './registration.js';

/** `auto` takes the version that is registered; `latest` looks for a newer one first. */
export type TagPolicy = 'auto' | 'latest';

/** Where Docker on this machine keeps its logins. */
export type DockerPlace = Omit<DockerSurroundings, 'signal'>;

export interface ImageCheck {
  /** `environment.docker_image.url`. */
  url: string;
  tagPolicy: TagPolicy;
  /** The secret with the registry's login, when the configuration names one. */
  credentials?: SecretAddress;
  docker: DockerPlace;
  report?: (step: RegistrationStep) => void;
}

const longestImport = 60 * 60_000;

/**
 * Makes sure that a run's image is in the workspace's registry and ready, waiting up to an hour for an import that
 * is under way. Throws NOT_FOUND for an image that nobody registered, REGISTRATION_FAILED for one that cannot be.
 */
export async function checkRegisteredImage(
  workspace: Workspace,
  context: Context,
  check: ImageCheck,
): Promise<RegisteredImage> {
  const image = parseImageReference(check.url);
  const report = check.report ? { report: check.report } : {};
  if (check.tagPolicy === 'latest') {
    const { signal } = context;
    const access = await registryAccess(image.registry, check.credentials, { ...check.docker, signal });
    return registerImage(workspace, context, { image, access, timeout: longestImport, ...report });
  }
  const registration = await getRegistration(workspace, image);
  if (registration === null) {
    throw new AirError('NOT_FOUND', `The image ${image.given} is not registered in this workspace.`, {
      hint: `Register it first: ${registerCommand(workspace, image, check.credentials)}`,
    });
  }
  const options = { timeout: longestImport, secret: check.credentials, ...report };
  const ready = await waitUntilAvailable(workspace, context, image, registration, options);
  return { digest: ready.manifest_sha256 ?? null, updated: false };
}

/** How the registry is to be logged in to: by the secret that was named, else as Docker does on this machine. */
export async function registryAccess(
  registry: string,
  secret: SecretAddress | undefined,
  docker: DockerSurroundings,
): Promise<RegistryAccess> {
  if (secret !== undefined) return { from: 'secret', address: secret };
  const login = await findRegistryLogin(registry, docker);
  return login === null ? { from: 'nowhere' } : { from: 'login', login, typed: false };
}
