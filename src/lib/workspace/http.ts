import { got, RequestError, type Method, type Response } from 'got';
import type { Readable } from 'node:stream';
import { AirError, messageOf, systemCode } from '../errors.js';
import type { Context } from '../io.js';
import type { ErrorBody } from './contract/index.js';
import { parseLosslessJson, stringifyJson } from './json.js';
import type { Target } from './target.js';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface RequestOptions {
  query?: Query;
  /** A JSON body; mutually exclusive with `body`. */
  json?: unknown;
  /** A raw body; a stream comes as a factory, so that a retry can send it again. */
  body?: Buffer | string | (() => Readable);
  /**
   * When a failed request may be sent again: `safe` (the default for everything but POST) whenever the failure
   * may pass; `unsent` (the default for POST) only when the server cannot have handled it; `never`.
   */
  retry?: 'safe' | 'unsent' | 'never';
  /** Milliseconds for one attempt. */
  timeout?: number;
  /** Milliseconds for all attempts together. */
  budget?: number;
  /** Stops this request alone, beside the command's own signal. */
  signal?: AbortSignal;
  /** Stops this request in place of the command's own signal: for one that must outlive an interrupt. */
  ownSignal?: AbortSignal;
}

export interface HttpOptions {
  userAgent: string;
  /** Called once per attempt under `--debug`. Never gets a header or a body. */
  trace?: (line: string) => void;
}

const defaultTimeout = 60_000;
const defaultBudget = 15_000;
const firstDelay = 250;
const longestDelay = 8_000;

/** An answer of the workspace that is no success, before it is put into words for a user. */
export class ApiError extends AirError {
  readonly status: number;
  /** The server's own `error_code`; undefined when it sent none. */
  readonly errorCode: string | undefined;
  readonly retryAfter: number | undefined;

  constructor(
    status: number,
    body: ErrorBody | undefined,
    text: string,
    at: RequestPlace,
    retryAfter?: number,
  ) {
    const errorCode = typeof body?.error_code === 'string' ? body.error_code : undefined;
    const said = body?.message?.trim() || text.trim().slice(0, 500) || `HTTP status ${status}`;
    const { code, kind, hint } = classify(status, errorCode, at);
    super(code, said, { ...(kind ? { kind } : {}), ...(hint ? { hint } : {}) });
    this.name = 'ApiError';
    this.status = status;
    this.errorCode = errorCode;
    this.retryAfter = retryAfter;
  }
}

interface RequestPlace {
  method: Method;
  path: string;
  target: Target;
}

const transientStatuses = new Set([408, 429, 500, 502, 503, 504]);
const retriedStatuses = new Set([429, 502, 503, 504]);

function classify(
  status: number,
  errorCode: string | undefined,
  at: RequestPlace,
): { code: AirError['code']; kind?: AirError['kind']; hint?: string } {
  if (status === 401) return { code: 'UNAUTHENTICATED', hint: authHint(at.target) };
  if (errorCode === 'FEATURE_DISABLED') return { code: 'FEATURE_DISABLED' };
  if (status === 403) {
    return { code: 'PERMISSION_DENIED', hint: `${at.target.host} answered; used: ${at.target.source}.` };
  }
  if (status === 404) return { code: 'NOT_FOUND' };
  if (status === 409) return { code: 'CONFLICT' };
  if (status === 501) return { code: 'NOT_IMPLEMENTED' };
  if (transientStatuses.has(status)) return { code: 'INTERNAL_ERROR', kind: 'TRANSIENT' };
  return { code: 'INTERNAL_ERROR', kind: 'PERMANENT' };
}

function authHint(target: Target): string {
  return target.local
    ? 'Type: air local stop, and run the command again.'
    : `Used: ${target.source}. Check its credentials: databricks auth describe${target.profile ? ` -p ${target.profile}` : ''}`;
}

/** The HTTP client of one workspace: JSON in and out, authentication, retries within a budget. */
export class Http {
  constructor(
    readonly target: Target,
    private readonly context: Context,
    private readonly options: HttpOptions,
  ) {}

  async get<T>(path: string, query?: Query, options: RequestOptions = {}): Promise<T> {
    return (await this.request<T>('GET', path, { ...options, ...(query ? { query } : {}) })).data;
  }

  async post<T>(path: string, json: unknown, options: RequestOptions = {}): Promise<T> {
    return (await this.request<T>('POST', path, { ...options, json })).data;
  }

  /** A request whose answer is JSON, with the headers of the answer. */
  async request<T>(
    method: Method,
    path: string,
    options: RequestOptions = {},
  ): Promise<{ data: T; headers: Response['headers'] }> {
    const response = await this.send(method, path, options);
    const text = response.rawBody.toString('utf8');
    if (text === '') return { data: {} as T, headers: response.headers };
    try {
      return { data: parseLosslessJson(text) as T, headers: response.headers };
    } catch (error) {
      throw new AirError(
        'INTERNAL_ERROR',
        `${this.target.host} gave an answer to ${method} ${path} that is not JSON.`,
        {
          hint: 'Check that the host is a Databricks workspace.',
          cause: error,
        },
      );
    }
  }

  /** A request whose answer is bytes. */
  async bytes(method: Method, path: string, options: RequestOptions = {}): Promise<Buffer> {
    return (await this.send(method, path, options)).rawBody;
  }

  /** Sends until an answer is final or the budget is spent. Throws {@link ApiError} or a network {@link AirError}. */
  private async send(method: Method, path: string, options: RequestOptions): Promise<Response<Buffer>> {
    const policy = options.retry ?? (method === 'POST' ? 'unsent' : 'safe');
    const deadline = this.context.clock.now() + (options.budget ?? defaultBudget);
    let renewed = false;
    for (let attempt = 1; ; attempt++) {
      let failure: AirError;
      let unsent: boolean;
      try {
        const response = await this.attempt(method, path, options);
        if (response.statusCode < 400) return response;
        failure = this.errorOf(response, { method, path, target: this.target });
        if (response.statusCode === 401 && !renewed && (await this.renew())) {
          renewed = true;
          continue;
        }
        if (!retriedStatuses.has(response.statusCode)) throw failure;
        unsent = response.statusCode === 429 || response.statusCode === 503;
      } catch (error) {
        if (error instanceof AirError) throw error;
        this.signalOf(options).throwIfAborted();
        failure = this.networkError(error);
        unsent = neverSent(error);
      }
      const delay = this.delayOf(failure, attempt);
      const mayRepeat = policy === 'safe' || (policy === 'unsent' && unsent);
      if (!mayRepeat || this.context.clock.now() + delay >= deadline) throw failure;
      this.options.trace?.(`retry ${method} ${path} in ${Math.round(delay)} ms: ${failure.message}`);
      await this.context.clock.sleep(delay, this.signalOf(options));
    }
  }

  private async attempt(method: Method, path: string, options: RequestOptions): Promise<Response<Buffer>> {
    const { target } = this;
    const signal = this.signalOf(options);
    const headers: Record<string, string> = {
      accept: 'application/json',
      'user-agent': this.options.userAgent,
      ...(await target.credentials.headers(signal)),
    };
    if (target.workspaceId) headers['x-databricks-workspace-id'] = target.workspaceId;
    if (options.json !== undefined) headers['content-type'] = 'application/json';
    else if (options.body !== undefined) headers['content-type'] = 'application/octet-stream';
    const body = options.json === undefined ? options.body : stringifyJson(options.json);
    const started = this.context.clock.now();
    const response = await got(new URL(path, target.host), {
      method,
      headers,
      signal,
      ...(options.query ? { searchParams: withoutUndefined(options.query) } : {}),
      ...(body === undefined ? {} : { body: typeof body === 'function' ? body() : body }),
      timeout: { request: options.timeout ?? defaultTimeout },
      retry: { limit: 0 },
      throwHttpErrors: false,
      followRedirect: false,
      responseType: 'buffer',
      decompress: true,
    });
    this.options.trace?.(
      `${method} ${path} -> ${response.statusCode} (${Math.round(this.context.clock.now() - started)} ms)`,
    );
    return response;
  }

  private async renew(): Promise<boolean> {
    return (await this.target.credentials.renew?.(this.context.signal)) ?? false;
  }

  private errorOf(response: Response<Buffer>, at: RequestPlace): ApiError {
    const text = response.rawBody.toString('utf8');
    let body: ErrorBody | undefined;
    try {
      body = parseLosslessJson(text) as ErrorBody;
    } catch {
      body = undefined;
    }
    return new ApiError(
      response.statusCode,
      body,
      text,
      at,
      retryAfterOf(response, this.context.clock.now()),
    );
  }

  private networkError(error: unknown): AirError {
    return new AirError('INTERNAL_ERROR', `${this.target.host} cannot be reached: ${reasonOf(error)}.`, {
      kind: 'TRANSIENT',
      hint: `Used: ${this.target.source}. Check the host and the network, then try again.`,
      cause: error,
    });
  }

  private delayOf(failure: AirError, attempt: number): number {
    if (failure instanceof ApiError && failure.retryAfter !== undefined) return failure.retryAfter;
    const ceiling = Math.min(firstDelay * 2 ** (attempt - 1), longestDelay);
    return ceiling / 2 + (Math.random() * ceiling) / 2;
  }

  private signalOf(options: RequestOptions): AbortSignal {
    if (options.ownSignal) return options.ownSignal;
    return options.signal ? AbortSignal.any([this.context.signal, options.signal]) : this.context.signal;
  }
}

function withoutUndefined(query: Query): Record<string, string> {
  return Object.fromEntries(
    Object.entries(query).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]])),
  );
}

/** Milliseconds that a `Retry-After` header asks for, in either of its forms. */
function retryAfterOf(response: Response, now: number): number | undefined {
  const text = response.headers['retry-after'];
  if (text === undefined) return undefined;
  const milliseconds = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : undefined;
}

const refusedCodes = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH']);

function neverSent(error: unknown): boolean {
  return refusedCodes.has(systemCode(error) ?? '');
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there (connection refused)',
  ENOTFOUND: 'its name does not resolve',
  EAI_AGAIN: 'its name does not resolve at the moment',
  ECONNRESET: 'the connection was reset',
  ETIMEDOUT: 'no answer in time',
};

function reasonOf(error: unknown): string {
  const code = systemCode(error);
  if (code !== undefined && reasons[code] !== undefined) return reasons[code];
  return error instanceof RequestError ? error.message : messageOf(error);
}
