import type { RegistrationStep } from '../../images/index.js';

/** The outcome of a registration, and the lines that a workload file needs to use the image. */
export function registeredImageText(image: {
  docker_image_url: string;
  manifest_sha256: string | null;
  image_updated: boolean;
}): string {
  const digest = image.manifest_sha256 === null ? '' : ` (${shortDigest(image.manifest_sha256)})`;
  const outcome = image.image_updated
    ? `Registered ${image.docker_image_url}${digest}.`
    : `${image.docker_image_url} is registered already and up to date${digest}.`;
  return `${outcome}\n\nenvironment:\n  docker_image:\n    url: ${image.docker_image_url}\n`;
}

/** Enough of a digest to know it by: `sha256:` and twelve digits. */
function shortDigest(digest: string): string {
  const [, algorithm = '', hex = ''] = /^(?:(\w+):)?(.*)$/.exec(digest) ?? [];
  return `${algorithm ? `${algorithm}:` : ''}${hex.slice(0, 12)}`;
}

const stateWords: Readonly<Record<string, string>> = {
  PENDING: 'waiting for its turn',
  IMPORTING: 'being copied',
};

export function waitingText({ state, seconds }: Extract<RegistrationStep, { step: 'waiting' }>): string {
  const time = seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
  return `The image is ${stateWords[state] ?? state} (${time})`;
}
