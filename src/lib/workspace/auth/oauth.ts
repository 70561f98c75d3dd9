import type { Context } from '../../io.js';
import { AirError } from '../../errors.js';
import { isLoopback } from '../proxies.js';
import { redact } from '../redaction.js';
import { Outage, withRetries } from '../retries.js';
import { Transport, type Exchange, type Reply, type TransportOptions } from '../transport.js';
import type { Token } from './renewable.js';

/** One client-credentials login (RFC 6749, 4.4). */
export interface ClientLogin {
  /** Whose token is asked for, in words: `client 1234 of profile ci of ~/.databrickscfg (oauth-m2m)`. */
  who: string;
  clientId: string;
  clientSecret: string;
  scope: string;
  /** `header`: HTTP Basic. `body`: as form fields. */
  secretIn: 'header' | 'body';
  /** What to type when the server refuses. */
  hint: string;
}

/** Talks to OAuth servers, with the same transport and retries as the workspace's own client. */
export class OAuthClient {
  private readonly transport: Transport;

  constructor(
    private readonly context: Context,
    options: TransportOptions,
    /** Where the client was configured, in words. */
    private readonly source: string,
  ) {
    this.transport = new Transport(options);
  }

  /**
   * The token endpoint of a workspace by its own discovery document, or the usual one when it has none.
   * The secret goes there, so an endpoint without TLS is taken only on loopback.
   */
  async tokenEndpoint(host: string, signal: AbortSignal): Promise<string> {
    const usual = new URL('/oidc/v1/token', host).href;
    const reply = await this.send(
      { method: 'GET', url: new URL('/oidc/.well-known/openid-configuration', host), headers: json },
      signal,
    );
    if (isPassing(reply)) throw this.notNow(host, reply);
    const endpoint = reply.status === 200 ? fieldsOf(reply)['token_endpoint'] : undefined;
    if (typeof endpoint !== 'string' || !URL.canParse(endpoint)) return usual;
    const url = new URL(endpoint);
    return url.protocol === 'https:' || isLoopback(url.hostname) ? endpoint : usual;
  }

  /** A token for the client. Throws UNAUTHENTICATED with the server's words when it is refused. */
  async clientToken(endpoint: string, login: ClientLogin, signal: AbortSignal): Promise<Token> {
    const form = new URLSearchParams({ grant_type: 'client_credentials', scope: login.scope });
    const headers: Record<string, string> = { ...json, 'content-type': 'application/x-www-form-urlencoded' };
    if (login.secretIn === 'header') {
      headers['authorization'] =
        `Basic ${Buffer.from(`${login.clientId}:${login.clientSecret}`).toString('base64')}`;
    } else {
      form.set('client_id', login.clientId);
      form.set('client_secret', login.clientSecret);
    }
    const url = new URL(endpoint);
    const reply = await this.send({ method: 'POST', url, headers, body: form.toString() }, signal);
    if (isPassing(reply)) throw this.notNow(url.origin, reply);
    const { access_token: value, expires_in: life } = fieldsOf(reply);
    if (reply.status !== 200 || typeof value !== 'string' || value === '') throw refused(reply, url, login);
    const obtainedAt = this.context.clock.now();
    const seconds = Number(life);
    return { value, obtainedAt, expiresAt: seconds > 0 ? obtainedAt + seconds * 1000 : null };
  }

  private send(exchange: Omit<Exchange, 'timeout' | 'signal'>, signal: AbortSignal): Promise<Reply> {
    const label = `where ${this.source} logs in`;
    return withRetries((timeout) => this.transport.exchange({ ...exchange, label, timeout, signal }), {
      policy: 'safe',
      clock: this.context.clock,
      signal,
      outage: new Outage(),
    });
  }

  private notNow(host: string, reply: Reply): AirError {
    return new AirError(
      'INTERNAL_ERROR',
      `${new URL(host).origin}, where ${this.source} logs in, gives no tokens at the moment (status ${reply.status}).`,
      { kind: 'TRANSIENT', hint: 'This may pass: try again in a moment.' },
    );
  }
}

const json = { accept: 'application/json' };

function isPassing({ status }: Reply): boolean {
  return status === 429 || status >= 500;
}

function refused(reply: Reply, url: URL, login: ClientLogin): AirError {
  const { error, error_description: description, message } = fieldsOf(reply);
  const words = [error, description ?? message].filter((word) => typeof word === 'string' && word !== '');
  const said = words.length > 0 ? words.join(': ') : `status ${reply.status}`;
  return new AirError(
    'UNAUTHENTICATED',
    `${url.origin} gave no token to ${login.who}: ${redact(said, [login.clientSecret]).slice(0, 500).replace(/\.?$/, '.')}`,
    { hint: login.hint },
  );
}

function fieldsOf(reply: Reply): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(reply.body.toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
