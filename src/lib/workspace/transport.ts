import type { Method, OptionsInit } from 'got';
import { once } from 'node:events';
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { AirError } from '../errors.js';
import { ConnectionError } from './connection-error.js';
import { lookUpName } from './name-lookup.js';
import { ProxyAgents, proxyOf, withoutUserInfo, type ProxySettings } from './proxies.js';
import { redact } from './redaction.js';

export type { Method } from 'got';

/** One request, sent once. */
export interface Exchange {
  method: Method;
  url: URL;
  /** What the address is, for words: `host of profile dev of ~/.databrickscfg`. */
  label?: string;
  headers?: Record<string, string>;
  /** A stream comes as a factory: each attempt asks for its own. */
  body?: Buffer | string | (() => Readable);
  /** Milliseconds from the end of the request to the beginning of the answer. */
  timeout: number;
  /** A large body travels: only a standstill ends it, never its length. */
  transfer?: boolean;
  signal: AbortSignal;
}

export interface Reply {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

export interface TransportOptions {
  userAgent: string;
  proxies?: ProxySettings;
  /** Called once per attempt under `--debug`. Never gets a header, a body or the query of a signed address. */
  trace?: (line: string) => void;
}

const connectTimeout = 5_000;
/** Milliseconds without a byte in either direction after which a transfer counts as dead. */
const idleTimeout = 60_000;

/** Sends requests, each once: connections are kept, proxies obeyed, every attempt is traced. Knows no token. */
export class Transport {
  private readonly agents: ProxyAgents;
  private client: Promise<typeof import('got')> | undefined;

  constructor(private readonly options: TransportOptions) {
    this.agents = new ProxyAgents(options.proxies ?? {});
  }

  /** The whole answer. Throws {@link ConnectionError}, or the signal's reason. */
  async exchange(request: Exchange): Promise<Reply> {
    return this.traced(request, async () => {
      const { got } = await (this.client ??= import('got'));
      const { url, options } = await this.prepare(request);
      const response = await got(url, { ...options, responseType: 'buffer' });
      return { status: response.statusCode, headers: response.headers, body: response.rawBody };
    });
  }

  /** The whole answer as text, decoded as it comes: the bytes of a large one are not held beside its text. */
  async text(request: Exchange): Promise<Reply & { text: string }> {
    return this.traced(request, async () => {
      const reply = await this.open(request);
      return { ...reply, text: reply.status < 300 ? await textOf(reply.stream) : '' };
    });
  }

  /**
   * An answer that is read from `stream` as it comes; what breaks it later is the stream's error. The body of an
   * error answer is read at once, into `body`, which is empty otherwise.
   */
  async stream(request: Exchange): Promise<Reply & { stream: Readable }> {
    return this.traced(request, () => this.open(request));
  }

  private async open(request: Exchange): Promise<Reply & { stream: Readable }> {
    const { got } = await (this.client ??= import('got'));
    const { url, options } = await this.prepare(request);
    const stream = got.stream(url, { ...options, isStream: true });
    const [response] = (await once(stream, 'response')) as [
      { statusCode: number; headers: IncomingHttpHeaders },
    ];
    const { statusCode: status, headers } = response;
    return { status, headers, stream, body: status < 300 ? Buffer.alloc(0) : await bytesOf(stream) };
  }

  private async prepare(request: Exchange) {
    const { method, url, body, timeout, signal } = request;
    const connect = Math.min(connectTimeout, timeout);
    return {
      url,
      options: {
        method,
        headers: { 'user-agent': this.options.userAgent, ...request.headers },
        signal,
        agent: await this.agents.agentsFor(url),
        dnsLookup: lookUpName,
        ...(body === undefined ? {} : { body: typeof body === 'function' ? body() : body }),
        timeout: {
          lookup: connect,
          connect,
          secureConnect: connect,
          socket: request.transfer ? Math.max(idleTimeout, timeout) : timeout,
          response: timeout,
        },
        retry: { limit: 0 },
        throwHttpErrors: false,
        followRedirect: false,
        decompress: true,
      } satisfies OptionsInit,
    };
  }

  private async traced<Answer extends Reply>(
    request: Exchange,
    send: () => Promise<Answer>,
  ): Promise<Answer> {
    const started = performance.now();
    const proxy = proxyOf(request.url, this.options.proxies ?? {});
    const trace = (outcome: string) => {
      const { url, method } = request;
      const through = proxy === undefined ? '' : ` through ${withoutUserInfo(proxy)}`;
      const took = Math.round(performance.now() - started);
      this.options.trace?.(
        `${method} ${url.origin}${url.pathname}${shownQuery(url)}${through} -> ${outcome} (${took} ms)`,
      );
    };
    try {
      const reply = await send();
      const id = reply.headers['x-request-id'];
      trace(`${reply.status}${typeof id === 'string' ? ` request ${id}` : ''}`);
      return reply;
    } catch (error) {
      request.signal.throwIfAborted();
      if (error instanceof AirError) throw error;
      const failure = new ConnectionError(error, { url: request.url, label: request.label, proxy });
      trace(failure.reason ?? failure.message);
      throw failure;
    }
  }
}

async function bytesOf(stream: Readable): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of toItsEnd(stream)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function textOf(stream: Readable): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of toItsEnd(stream)) text += decoder.decode(chunk, { stream: true });
  return text + decoder.decode();
}

/** The stream's bytes. got's streams do not end by themselves: an open one fails aloud when the command is stopped. */
async function* toItsEnd(stream: Readable): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } finally {
    stream.destroy();
  }
}

/** The query of an API request is no secret; that of any other address may be its signature. */
function shownQuery(url: URL): string {
  if (url.search === '') return '';
  return url.pathname.startsWith('/api/') ? redact(url.search) : '?[redacted]';
}
