import { AirError } from '../errors.js';

/** A Docker image's address, completed as Docker completes it. */
export interface ImageReference {
  /** As the user wrote it, trimmed. */
  readonly given: string;
  /** With registry, namespace, and tag or digest: `docker.io/library/python:3.12`. */
  readonly url: string;
  /** The registry's host, with its port: `docker.io`, `localhost:5000`. */
  readonly registry: string;
}

/**
 * Completes an image's address by Docker's rules: the first segment is a registry if it has a dot or a port or is
 * `localhost`, else the image is on Docker Hub; a digest makes the tag void; without either the tag is `latest`.
 * Throws INVALID_ARGS for what can be no address.
 */
export function parseImageReference(text: string): ImageReference {
  const given = text.trim();
  if (given === '') throw invalid('An image address cannot be empty.');
  const bare = given.replace(/^(https?|docker):\/\//i, '');
  if (!/^[\w.:@/+-]+$/.test(bare) || /^[/:@]|\/\/|\/$/.test(bare)) {
    throw invalid(`${JSON.stringify(given)} is not the address of a Docker image.`);
  }
  // Not shown: what stands before the @ of a web address may be a password.
  if (bare.includes('@') && !/^[^@]+@\w+:[0-9a-f]{32,}$/i.test(bare)) {
    throw new AirError(
      'INVALID_ARGS',
      'After @ an image address has a digest; a login does not belong into it.',
      {
        hint: 'Leave the login away and type "docker login" for the registry, or add --interactive-authenticate.',
      },
    );
  }
  const [first = '', ...rest] = bare.split('/');
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  const registry = hasRegistry ? first : 'docker.io';
  const path = hasRegistry ? rest : [first, ...rest];
  const isHub = hubHosts.has(registry);
  const named = isHub && path.length === 1 ? ['library', ...path] : path;
  return { given, url: `${isHub ? 'docker.io' : registry}/${completed(named.join('/'))}`, registry };
}

/** Every name of Docker Hub that appears in addresses and in Docker's configuration. */
export const hubHosts: ReadonlySet<string> = new Set([
  'docker.io',
  'index.docker.io',
  'registry-1.docker.io',
]);

function completed(path: string): string {
  const [name = '', digest] = path.split('@', 2);
  const slash = name.lastIndexOf('/');
  const colon = name.indexOf(':', slash + 1);
  if (digest !== undefined) return `${colon === -1 ? name : name.slice(0, colon)}@${digest}`;
  return colon === -1 ? `${name}:latest` : name;
}

function invalid(message: string): AirError {
  return new AirError('INVALID_ARGS', message, {
    hint: 'An address looks like registry.example.com/team/image:tag',
  });
}
