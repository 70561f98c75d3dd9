import type { Agent as HttpAgent } from 'node:http';
import type { Agent as HttpsAgent } from 'node:https';
import { AirError } from '../errors.js';
import { lookUpName } from './name-lookup.js';

/** The proxy settings of an environment, as curl and the Databricks tools read them. */
export interface ProxySettings {
  /** The proxy for `https://` addresses. */
  https?: string;
  /** The proxy for `http://` addresses. */
  http?: string;
  /** Host names, suffixes, addresses with or without port, or `*`, that are asked directly. */
  except?: string;
}

export function proxySettings(env: NodeJS.ProcessEnv): ProxySettings {
  const read = (name: string) => env[name.toLowerCase()]?.trim() || env[name]?.trim() || undefined;
  const all = read('ALL_PROXY');
  const [https, http, except] = [read('HTTPS_PROXY') ?? all, read('HTTP_PROXY') ?? all, read('NO_PROXY')];
  return { ...(https ? { https } : {}), ...(http ? { http } : {}), ...(except ? { except } : {}) };
}

/** Whether requests to this host never leave the machine; `hostname` as `URL` gives it. */
export function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127\.\d+\.\d+\.\d+$/.test(hostname)
  );
}

/** The proxy that requests to this address go through; undefined when they go directly. */
export function proxyOf(url: URL, settings: ProxySettings): string | undefined {
  const proxy = url.protocol === 'https:' ? settings.https : settings.http;
  if (proxy === undefined || isLoopback(url.hostname) || isExcepted(url, settings.except ?? ''))
    return undefined;
  return proxy.includes('://') ? proxy : `http://${proxy}`;
}

function isExcepted(url: URL, except: string): boolean {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return except.split(/[\s,]+/).some((entry) => {
    if (entry === '') return false;
    if (entry === '*') return true;
    const [, name = '', onlyPort] = /^(.*?)(?::(\d+))?$/.exec(entry.toLowerCase()) ?? [];
    if (onlyPort !== undefined && onlyPort !== port) return false;
    const suffix = name.replace(/^\*?\./, '');
    return url.hostname === suffix || url.hostname.endsWith(`.${suffix}`);
  });
}

type Agents = { http?: HttpAgent; https?: HttpsAgent };

/** One agent for each proxy in use, so that connections are kept; the library is loaded at the first of them. */
export class ProxyAgents {
  private readonly agents = new Map<string, Promise<Agents>>();

  constructor(private readonly settings: ProxySettings) {}

  /** The agents for a request to this address; none when it goes directly. */
  async agentsFor(url: URL): Promise<Agents> {
    const proxy = proxyOf(url, this.settings);
    if (proxy === undefined) return {};
    const known = this.agents.get(proxy);
    if (known) return known;
    const made = makeAgents(proxy);
    this.agents.set(proxy, made);
    return made;
  }
}

async function makeAgents(proxy: string): Promise<Agents> {
  if (!URL.canParse(proxy) || !/^https?:$/.test(new URL(proxy).protocol)) {
    throw new AirError(
      'INVALID_ARGS',
      `${JSON.stringify(withoutUserInfo(proxy))} is not the address of an HTTP proxy.`,
      {
        hint: 'Set HTTPS_PROXY to an address such as http://proxy.example.com:3128',
      },
    );
  }
  const { HttpProxyAgent, HttpsProxyAgent } = await import('hpagent');
  // Its types know only two of the options that it hands on.
  const proxyRequestOptions = { headers: {}, lookup: lookUpName };
  const options = { proxy, proxyRequestOptions, keepAlive: true, scheduling: 'lifo' } as const;
  return {
    http: withinTime(new HttpProxyAgent(options)),
    https: withinTime(new HttpsProxyAgent(options)),
  };
}

/** Milliseconds for a proxy to open a tunnel: three of them, and the pauses between, are what a silent host gets. */
const tunnelTimeout = 4_000;

interface Tunnelling {
  createConnection(options: { timeout?: number }, callback: unknown): unknown;
}

/** Bounds the opening of a tunnel: no timer of a request runs before it has its connection. */
function withinTime<Agent>(agent: Agent): Agent {
  const tunnel = agent as Agent & Tunnelling;
  const open = tunnel.createConnection.bind(tunnel);
  tunnel.createConnection = (options, callback) => open({ ...options, timeout: tunnelTimeout }, callback);
  return agent;
}

/** A proxy's address as it may be shown: it can hold a password. */
export function withoutUserInfo(address: string): string {
  // Up to the last @: a password that was not escaped may hold one, and a slash too.
  return address.replace(/\/\/.*@/, '//');
}
