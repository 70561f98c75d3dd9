import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runProgram } from '../workspace/index.js';
import { hubHosts } from './reference.js';

/** How one logs in to a registry. */
export interface RegistryLogin {
  username: string;
  password: string;
}

export interface DockerSurroundings {
  env: NodeJS.ProcessEnv;
  homeDirectory: string;
  signal: AbortSignal;
}

interface DockerConfiguration {
  credHelpers?: Record<string, unknown>;
  credsStore?: unknown;
  auths?: Record<
    string,
    { auth?: unknown; identitytoken?: unknown; username?: unknown; password?: unknown } | null
  >;
}

/** The name that Docker gives to a login by identity token in place of a user. */
const identityTokenUser = '<token>';
const hubKey = 'https://index.docker.io/v1/';
const helperTimeout = 10_000;

/**
 * The login that Docker on this machine has for a registry: by the registry's own helper, by the common store, or
 * written in its configuration. Null when there is none; a broken configuration counts as none.
 */
export async function findRegistryLogin(
  registry: string,
  surroundings: DockerSurroundings,
): Promise<RegistryLogin | null> {
  const configuration = await readConfiguration(surroundings);
  if (configuration === null) return null;
  const own = entryOf(configuration.credHelpers, registry);
  for (const helper of [own?.value, configuration.credsStore]) {
    if (typeof helper !== 'string' || !/^[\w.-]+$/.test(helper)) continue;
    for (const key of keysOf(registry, own?.key)) {
      const login = await askHelper(helper, key, surroundings);
      if (login !== null) return login;
    }
  }
  return inlineLogin(entryOf(configuration.auths, registry)?.value);
}

async function readConfiguration(surroundings: DockerSurroundings): Promise<DockerConfiguration | null> {
  const { env, homeDirectory } = surroundings;
  const folder = env['DOCKER_CONFIG']?.trim() || join(homeDirectory, '.docker');
  try {
    const value: unknown = JSON.parse(await readFile(join(folder, 'config.json'), 'utf8'));
    return typeof value === 'object' && value !== null ? value : null;
  } catch {
    return null;
  }
}

/** The entry of a registry: keys may carry a scheme and a path, and Docker Hub has several names. */
function entryOf<Value>(
  entries: Record<string, Value> | undefined,
  registry: string,
): { key: string; value: Value } | undefined {
  if (typeof entries !== 'object' || entries === null) return undefined;
  const wanted = hostOf(registry);
  const matching = Object.entries(entries).filter(([key]) => hostOf(key) === wanted);
  // Docker itself prefers the plain name; the same registry may be there by an older form as well.
  const [key, value] = matching.find(([name]) => name === registry) ?? matching[0] ?? [];
  return key === undefined ? undefined : { key, value: value as Value };
}

function hostOf(key: string): string {
  const host = key
    .replace(/^https?:\/\//i, '')
    .replace(/\/.*$/, '')
    .toLowerCase();
  return hubHosts.has(host) ? 'docker.io' : host;
}

/** What a helper may know the registry by, the likeliest first. */
function keysOf(registry: string, configured: string | undefined): string[] {
  const usual = hubHosts.has(registry) ? [hubKey] : [registry, `https://${registry}`];
  return [...new Set([...usual, ...(configured === undefined ? [] : [configured])])];
}

async function askHelper(
  helper: string,
  registry: string,
  { env, signal }: DockerSurroundings,
): Promise<RegistryLogin | null> {
  const result = await runProgram(`docker-credential-${helper}`, ['get'], {
    env,
    input: registry,
    timeout: helperTimeout,
    signal,
  });
  if (result.end !== 'done') return null;
  try {
    const { Username: username, Secret: password } = JSON.parse(result.stdout) as Record<string, unknown>;
    return loginOf(username, password);
  } catch {
    return null;
  }
}

function inlineLogin(
  entry: NonNullable<DockerConfiguration['auths']>[string] | undefined,
): RegistryLogin | null {
  if (entry === undefined || entry === null) return null;
  const token = loginOf(identityTokenUser, entry.identitytoken);
  if (token !== null) return token;
  if (typeof entry.auth === 'string') {
    const text = Buffer.from(entry.auth, 'base64').toString('utf8').replace(/\0+$/, '');
    const colon = text.indexOf(':');
    const login = colon === -1 ? null : loginOf(text.slice(0, colon), text.slice(colon + 1));
    if (login !== null) return login;
  }
  return loginOf(entry.username, entry.password);
}

function loginOf(username: unknown, password: unknown): RegistryLogin | null {
  if (typeof username !== 'string' || typeof password !== 'string') return null;
  return username === '' || password === '' ? null : { username, password };
}
