import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import type { Context, MiddlewareHandler } from 'hono';
import { getCookie, setCookie } from 'hono/cookie';
import { ApiFailure } from '../engine/errors.js';
import { signedArtifactsPath } from './mlflow/signed-addresses.js';

/** Milliseconds in which a one-time link can be opened. */
const nonceLife = 60_000;
const longestList = 100;

/**
 * Who may in: a request needs the bearer token, or, for a page, the cookie that a one-time link gave. Host
 * and Origin are checked first, so that no other site reaches the server through a browser.
 */
export class Access {
  /** Known to this process alone: every cookie dies with the server. */
  private readonly cookieValue = randomBytes(32).toString('base64url');
  private readonly nonces = new Map<string, number>();

  constructor(
    private readonly token: string,
    private readonly port: () => number,
  ) {}

  get guard(): MiddlewareHandler {
    return async (context, next) => {
      const { path, method } = context.req;
      const stranger = this.strangerOf(context.req.header('host'), context.req.header('origin'));
      if (stranger !== undefined && isPage(path)) return closed(context);
      if (stranger !== undefined) throw new ApiFailure(403, 'PERMISSION_DENIED', stranger);
      if (isOpen(path, method) || this.hasToken(context.req.header('authorization'))) return next();
      if (isPage(path)) {
        const cookie = getCookie(context, this.cookieName);
        if (
          cookie !== undefined &&
          sameText(cookie, this.cookieValue) &&
          pageMayAsk(method, context.req.header('origin'))
        ) {
          return next();
        }
        return closed(context, runOfPage(path));
      }
      throw new ApiFailure(401, 'UNAUTHENTICATED', 'The request has no valid token of this local workspace.');
    };
  }

  /** A link's secret for one use within a minute. */
  newNonce(): string {
    const nonce = randomBytes(24).toString('base64url');
    this.nonces.set(nonce, performance.now() + nonceLife);
    const [oldest] = this.nonces.keys();
    if (this.nonces.size > longestList && oldest !== undefined) this.nonces.delete(oldest);
    return nonce;
  }

  /** Answers the opening of a one-time link: the cookie, and on to the page. */
  get openPage(): MiddlewareHandler {
    return (context) => {
      const nonce = context.req.query('nonce') ?? '';
      const expires = this.nonces.get(nonce);
      this.nonces.delete(nonce);
      const target = context.req.query('to') ?? '/';
      if (expires === undefined || performance.now() > expires || !/^\/(?![/\\])/.test(target)) {
        return Promise.resolve(context.text('This link was used or is too old. Type: air local open\n', 403));
      }
      setCookie(context, this.cookieName, this.cookieValue, {
        httpOnly: true,
        sameSite: 'Strict',
        path: '/',
      });
      return Promise.resolve(context.redirect(target, 303));
    };
  }

  /** Cookies are not bound to a port, so the port is in the name. */
  private get cookieName(): string {
    return `air_${this.port()}`;
  }

  /** Why a request comes from elsewhere; undefined when it does not. */
  private strangerOf(host: string | undefined, origin: string | undefined): string | undefined {
    const hosts = [`127.0.0.1:${this.port()}`, `localhost:${this.port()}`];
    if (host === undefined || !hosts.includes(host)) {
      return 'The local workspace answers to its own address only.';
    }
    if (origin !== undefined && !hosts.some((own) => origin === `http://${own}`)) {
      return 'The local workspace does not answer to other sites.';
    }
    return undefined;
  }

  private hasToken(header: string | undefined): boolean {
    const [, given] = /^Bearer (.+)$/i.exec(header ?? '') ?? [];
    return given !== undefined && sameText(given, this.token);
  }
}

/** What tells nothing about its owner, and Databricks answers without a token too; and what carries its own proof. */
function isOpen(path: string, method: string): boolean {
  return (
    (path === '/' && method === 'HEAD') ||
    (path === '/.well-known/databricks-config' && method === 'GET') ||
    (path === '/local/open' && method === 'GET') ||
    (path.startsWith(`${signedArtifactsPath}/`) && method === 'GET')
  );
}

/** All that a page says to whom it is not for: the command that opens it. */
function closed(context: Context, runId?: string): Response {
  const command = runId === undefined ? 'air local open' : `air local open ${runId}`;
  return context.text(`This page is for its owner alone. Type: ${command}\n`, 403);
}

/** Digits alone, whoever wrote the link: the answer is there to be pasted into a shell. */
function runOfPage(path: string): string | undefined {
  return /^\/jobs\/runs\/(\d{1,19})\/?$/.exec(path)?.[1];
}

function isPage(path: string): boolean {
  return !path.startsWith('/api/') && !path.startsWith('/local/') && !path.startsWith('/.well-known/');
}

/** A page's cookie reads; what it changes must come from a page of this very server. */
function pageMayAsk(method: string, origin: string | undefined): boolean {
  return method === 'GET' || method === 'HEAD' || origin !== undefined;
}

/** Compares in a time that does not depend on where the texts differ. */
function sameText(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(one), digest(other));
}
