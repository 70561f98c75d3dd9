import { setMaxListeners } from 'node:events';
import type { Readable } from 'node:stream';
import { AirError } from '../errors.js';
import type { Context } from '../io.js';
import { ApiError, refusesCredentials } from './api-error.js';
import { downloadOf, signedHeaders, storageError, type Download, type SignedAddress } from './download.js';
import { parseLosslessJson, stringifyJson } from './json.js';
import { Outage, withRetries, type RetryPolicy } from './retries.js';
import type { Target } from './target.js';
import { Transport, type Method, type Reply, type TransportOptions } from './transport.js';

export { ApiError } from './api-error.js';
export { ConnectionError } from './connection-error.js';
export type { Download, SignedAddress } from './download.js';
export type { TransportOptions as HttpOptions } from './transport.js';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;
export type ReplyHeaders = Reply['headers'];

export interface RequestOptions {
  query?: Query;
  /** A JSON body; mutually exclusive with `body`. */
  json?: unknown;
  /** A raw body; a stream comes as a factory, so that a retry can send it again. */
  body?: Buffer | string | (() => Readable);
  /** Further headers: `range`, or the length of a stream. */
  headers?: Record<string, string>;
  /** `safe` is the default for everything but POST, `unsent` for POST. */
  retry?: RetryPolicy;
  /** Milliseconds from the end of a request to the beginning of its answer; by default what the budget leaves. */
  timeout?: number;
  /** Milliseconds for all attempts together; by default 11 s for a silent host, 60 s for a busy one. */
  budget?: number;
  /** Stops this request alone, beside the command's own signal. */
  signal?: AbortSignal;
  /** Stops this request in place of the command's own signal: for one that must outlive an interrupt. */
  ownSignal?: AbortSignal;
}

/** The HTTP client of one workspace: JSON in and out, authentication, retries within a budget. */
export class Http {
  private readonly transport: Transport;
  private readonly outage = new Outage();

  constructor(
    readonly target: Target,
    private readonly context: Context,
    private readonly options: TransportOptions,
  ) {
    this.transport = new Transport(options);
    // Every request under way listens to the one signal of the command.
    setMaxListeners(0, context.signal);
  }

  async get<T>(path: string, query?: Query, options: RequestOptions = {}): Promise<T> {
    return (await this.request<T>('GET', path, { ...options, ...(query ? { query } : {}) })).data;
  }

  async post<T>(path: string, json: unknown, options: RequestOptions = {}): Promise<T> {
    return (await this.request<T>('POST', path, { ...options, json })).data;
  }

  /**
   * A request whose answer is JSON, with the headers of the answer. Throws {@link ApiError} or
   * {@link ConnectionError}.
   */
  async request<T>(
    method: Method,
    path: string,
    options: RequestOptions = {},
  ): Promise<{ data: T; headers: ReplyHeaders }> {
    const reply = await this.send(method, path, options);
    return { data: this.parse<T>(reply.body.toString('utf8'), method, path), headers: reply.headers };
  }

  /** Like {@link get}, for an answer of megabytes: it takes less memory, and a little longer for a small one. */
  async getLarge<T>(path: string, query: Query, options: RequestOptions = {}): Promise<T> {
    const asked = { ...options, query };
    const { text } = await this.perform('GET', path, asked, (headers, timeLeft) =>
      this.transport.text(this.exchangeOf('GET', path, asked, headers, timeLeft)),
    );
    return this.parse<T>(text, 'GET', path);
  }

  /** A request whose answer is bytes. */
  async bytes(method: Method, path: string, options: RequestOptions = {}): Promise<Buffer> {
    return (await this.send(method, path, options)).body;
  }

  /** A GET whose answer is read as a stream, however long it is. Only its beginning is retried. */
  async download(path: string, options: RequestOptions = {}): Promise<Download> {
    const signal = this.signalOf(options);
    const reply = await this.perform('GET', path, options, (headers) =>
      this.transport.stream({ ...this.exchangeOf('GET', path, options, headers, undefined), transfer: true }),
    );
    return downloadOf(reply, signal, { url: new URL(this.target.host), label: this.label });
  }

  /** Like {@link download}, from a signed address. */
  async downloadSigned(address: SignedAddress, options: RequestOptions = {}): Promise<Download> {
    const signal = this.signalOf(options);
    const url = new URL(address.url);
    const headers = { ...signedHeaders(address), ...options.headers };
    const reply = await withRetries(
      () =>
        this.transport.stream({
          method: 'GET',
          url,
          headers,
          signal,
          timeout: options.timeout ?? signedTimeout,
          transfer: true,
        }),
      this.retriesOf('GET', options, new Outage()),
    );
    if (reply.status >= 300) throw storageError(reply, url);
    return downloadOf(reply, signal, { url });
  }

  private parse<T>(text: string, method: Method, path: string): T {
    if (text === '') return {} as T;
    try {
      return parseLosslessJson(text) as T;
    } catch (error) {
      throw new AirError(
        'INTERNAL_ERROR',
        `${this.target.host} gave an answer to ${method} ${path} that is not JSON.`,
        { hint: `Check that the host is a Databricks workspace (${this.target.source}).`, cause: error },
      );
    }
  }

  private async send(method: Method, path: string, options: RequestOptions): Promise<Reply> {
    return this.perform(method, path, options, (headers, timeLeft) =>
      this.transport.exchange(this.exchangeOf(method, path, options, headers, timeLeft)),
    );
  }

  /** Retries and renewal around one way of sending. */
  private async perform<Answer extends Reply>(
    method: Method,
    path: string,
    options: RequestOptions,
    send: (headers: Record<string, string>, timeLeft: number) => Promise<Answer>,
  ): Promise<Answer> {
    const { credentials } = this.target;
    const signal = this.signalOf(options);
    let used: Record<string, string> = {};
    const reply = await withRetries(
      async (timeLeft) => {
        used = await credentials.headers(signal);
        const first = await send(used, timeLeft);
        if (!refusesCredentials(first) || !(await credentials.renew?.(used, signal))) return first;
        this.options.trace?.(`${this.target.host} refused the token; sent again with a new one`);
        used = await credentials.headers(signal);
        return send(used, timeLeft);
      },
      this.retriesOf(method, options, this.outage),
    );
    if (reply.status < 300) return reply;
    const secrets = Object.values(used).map((value) => value.replace(/^(Bearer|Basic) /, ''));
    throw new ApiError(reply, { method, path, target: this.target, secrets }, this.context.clock.now());
  }

  private exchangeOf(
    method: Method,
    path: string,
    options: RequestOptions,
    credentials: Record<string, string>,
    timeLeft: number | undefined,
  ) {
    const url = new URL(path, this.target.host);
    for (const [key, value] of Object.entries(options.query ?? {})) {
      if (value !== undefined) url.searchParams.set(key, String(value));
    }
    const body = options.json === undefined ? options.body : stringifyJson(options.json);
    const transfer = typeof body === 'function' || (body?.length ?? 0) > largeBody;
    const headers: Record<string, string> = { accept: 'application/json', ...credentials };
    if (this.target.workspaceId) headers['x-databricks-workspace-id'] = this.target.workspaceId;
    if (options.json !== undefined) headers['content-type'] = 'application/json';
    else if (body !== undefined) headers['content-type'] = 'application/octet-stream';
    return {
      method,
      url,
      label: this.label,
      headers: { ...headers, ...options.headers },
      ...(body === undefined ? {} : { body }),
      timeout: Math.min(options.timeout ?? transferTimeout, (transfer ? undefined : timeLeft) ?? Infinity),
      transfer,
      signal: this.signalOf(options),
    };
  }

  private retriesOf(method: Method, options: RequestOptions, outage: Outage) {
    return {
      policy: options.retry ?? (method === 'POST' ? ('unsent' as const) : ('safe' as const)),
      clock: this.context.clock,
      signal: this.signalOf(options),
      budget: options.budget,
      outage,
      waiting: (delay: number, why: string) =>
        this.options.trace?.(`${method} failed (${why}): again in ${Math.round(delay)} ms`),
    };
  }

  private get label(): string {
    return `host of ${this.target.source}`;
  }

  private signalOf(options: RequestOptions): AbortSignal {
    if (options.ownSignal) return options.ownSignal;
    return options.signal ? AbortSignal.any([this.context.signal, options.signal]) : this.context.signal;
  }
}

/** Bytes from which on a body counts as a transfer, which may take as long as it moves. */
const largeBody = 256 * 1024;
/** Milliseconds in which a server must begin to answer after a transfer. */
const transferTimeout = 60_000;
const signedTimeout = 20_000;
