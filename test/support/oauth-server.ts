import {
  apiError,
  type Answer,
  type Handler,
  type RecordedRequest,
  type Scripts,
} from './scripted-workspace.js';

/**
 * The OAuth side of a scripted workspace: it hands out numbered tokens, accepts the live ones, and can revoke them.
 */
export class OAuthScripts {
  readonly clientId = 'client-7';
  readonly clientSecret = 'planted-client-secret-7f3a';
  /** Seconds that a token lives, as the server says. */
  life = 3600;
  /** From now on no token is given. */
  closed = false;
  issued = 0;
  private readonly live = new Set<string>();

  /** Routes for discovery and for both usual token endpoints. */
  scripts(url: () => string): Scripts {
    return {
      'GET /oidc/.well-known/openid-configuration': () => ({
        json: { token_endpoint: `${url()}/oidc/v1/token` },
      }),
      'POST /oidc/v1/token': (request) => this.token(request),
      'POST /tenant-1/oauth2/v2.0/token': (request) => this.token(request),
    };
  }

  /** A handler behind the login: 401 for every token that is not live. */
  guarded(handler: Handler | Answer): Handler {
    return (request, call) => {
      const token = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1] ?? '';
      if (!this.live.has(token)) return apiError(401, 'UNAUTHENTICATED', `Token ${token} is not valid`);
      return typeof handler === 'function' ? handler(request, call) : handler;
    };
  }

  revokeAll(): void {
    this.live.clear();
  }

  private token(request: RecordedRequest): Answer {
    const form = new URLSearchParams(request.body.toString());
    const basic = Buffer.from(`${this.clientId}:${this.clientSecret}`).toString('base64');
    const isKnown =
      request.headers.authorization === `Basic ${basic}` ||
      (form.get('client_id') === this.clientId && form.get('client_secret') === this.clientSecret);
    if (!isKnown || this.closed) {
      return {
        status: 401,
        json: {
          error: 'invalid_client',
          error_description: `Client authentication failed (${this.clientSecret})`,
        },
      };
    }
    if (form.get('grant_type') !== 'client_credentials')
      return { status: 400, json: { error: 'unsupported_grant_type' } };
    const token = `planted-access-token-${++this.issued}`;
    this.live.add(token);
    return { json: { access_token: token, token_type: 'Bearer', expires_in: this.life }, delay: 20 };
  }
}
