import { AirError, type ErrorCode, type ErrorKind } from '../errors.js';
import type { ErrorBody } from './contract/index.js';
import { parseLosslessJson } from './json.js';
import { databricksLogin } from './login-command.js';
import { redact } from './redaction.js';
import { retryAfterOf } from './retries.js';
import { targetFlags } from './target-flags.js';
import type { Target } from './target.js';
import type { Method, Reply } from './transport.js';

/** The request an answer belongs to, for words. */
export interface RequestPlace {
  method: Method;
  path: string;
  target: Target;
  /** What must not be shown if the server repeats it. */
  secrets: readonly string[];
}

interface Verdict {
  code: ErrorCode;
  kind?: ErrorKind;
  message: string;
  hint?: string;
}

/** An answer of the workspace that is no success. */
export class ApiError extends AirError {
  readonly status: number;
  /** The server's own `error_code`; undefined when it sent none. */
  readonly errorCode: string | undefined;
  /** The server's words, without ours around them; empty when it sent none. */
  readonly serverMessage: string;
  /** Milliseconds that the server asks to wait; undefined when it asks nothing. */
  readonly retryAfter: number | undefined;

  constructor(reply: Reply, at: RequestPlace, now: number) {
    const body = errorBodyOf(reply);
    const errorCode = typeof body?.error_code === 'string' ? body.error_code : undefined;
    const said = redact(wordsOf(body, reply), at.secrets);
    const { code, kind, message, hint } = classify(reply, { isApi: body !== undefined, errorCode, said }, at);
    super(code, message, { ...(kind ? { kind } : {}), ...(hint ? { hint } : {}) });
    this.name = 'ApiError';
    this.status = reply.status;
    this.errorCode = errorCode;
    this.serverMessage = said;
    this.retryAfter = retryAfterOf(reply, now);
  }
}

/** Whether an answer says that the credentials themselves were not accepted: 401, and what older APIs say by 403. */
export function refusesCredentials(reply: Reply): boolean {
  if (reply.status === 401) return true;
  if (isRedirect(reply)) return leadsToLogin(reply);
  return (
    reply.status === 403 &&
    /\b(invalid|expired) (access )?token\b|\btoken (is |has )?(expired|invalid|revoked)\b/i.test(
      wordsOf(errorBodyOf(reply), reply),
    )
  );
}

const transientStatuses = new Set([408, 429, 500, 502, 503, 504]);

const codesOfErrorCodes: Readonly<Record<string, ErrorCode>> = {
  FEATURE_DISABLED: 'FEATURE_DISABLED',
  ENDPOINT_NOT_FOUND: 'FEATURE_DISABLED',
  RESOURCE_DOES_NOT_EXIST: 'NOT_FOUND',
  RESOURCE_ALREADY_EXISTS: 'CONFLICT',
  RESOURCE_CONFLICT: 'CONFLICT',
  NOT_IMPLEMENTED: 'NOT_IMPLEMENTED',
};

const codesOfStatuses: Readonly<Record<number, ErrorCode>> = {
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'CONFLICT',
  501: 'NOT_IMPLEMENTED',
};

function classify(
  reply: Reply,
  answer: { isApi: boolean; errorCode: string | undefined; said: string },
  at: RequestPlace,
): Verdict {
  const { status } = reply;
  const { target } = at;
  const said = answer.said || `HTTP status ${status}`;
  if (refusesCredentials(reply)) {
    return {
      code: 'UNAUTHENTICATED',
      message: `${target.host} did not accept the credentials of ${describeSource(target)}: ${sentence(said)}`,
      hint: loginHint(target),
    };
  }
  if (transientStatuses.has(status)) {
    return {
      code: 'INTERNAL_ERROR',
      kind: 'TRANSIENT',
      message: `${target.host} answered with status ${status}: ${sentence(said)}`,
      hint: 'This may pass: try again in a moment.',
    };
  }
  const code = codesOfErrorCodes[answer.errorCode ?? ''];
  if (code !== undefined) return { code, message: said };
  if (!answer.isApi && (reply.body.length > 0 || isRedirect(reply))) return notAnApi(reply, at);
  if (status === 403) {
    return {
      code: 'PERMISSION_DENIED',
      message: `${target.host} does not permit this to ${describeSource(target)}: ${sentence(said)}`,
      hint: `See who you are there: databricks current-user me${targetFlags(target)}`,
    };
  }
  return { code: codesOfStatuses[status] ?? 'INTERNAL_ERROR', message: said };
}

function notAnApi(reply: Reply, { method, path, target }: RequestPlace): Verdict {
  const where = isRedirect(reply)
    ? `a redirect to ${placeOf(reply.headers.location)}`
    : 'something that is no API answer';
  return {
    code: 'INTERNAL_ERROR',
    message: `${target.host} answered ${method} ${path} with status ${reply.status} and ${where}.`,
    hint: `Check that the host is a Databricks workspace (${target.source}).`,
  };
}

function isRedirect(reply: Reply): boolean {
  return reply.status >= 300 && reply.status < 400;
}

function leadsToLogin(reply: Reply): boolean {
  return /login|oidc|sso/i.test(placeOf(reply.headers.location));
}

/** A redirect's aim without its query, which may hold a session. */
function placeOf(location: string | undefined): string {
  return location === undefined ? 'nowhere' : location.replace(/[?#].*$/s, '');
}

function errorBodyOf(reply: Reply): ErrorBody | undefined {
  try {
    const body = parseLosslessJson(reply.body.toString('utf8'));
    return typeof body === 'object' && body !== null ? body : undefined;
  } catch {
    return undefined;
  }
}

/** What the server says in any of its dialects, at most 500 characters of it. */
function wordsOf(body: ErrorBody | undefined, reply: Reply): string {
  const text = body?.message ?? body?.error_description ?? body?.detail ?? body?.error;
  if (typeof text === 'string' && text.trim() !== '') return text.trim().slice(0, 500);
  const raw = reply.body.toString('utf8').trim();
  return body === undefined && !raw.startsWith('<') ? raw.slice(0, 500) : '';
}

function sentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}

/** The source of the credentials and their kind: `profile dev of ~/.databrickscfg (oauth-m2m)`. */
function describeSource(target: Pick<Target, 'source' | 'credentials'>): string {
  return `${target.source} (${target.credentials.kind})`;
}

/** The command after which the credentials should work. */
function loginHint(target: Target): string {
  if (target.local) return 'Type: air local stop, and run the command again.';
  const login = databricksLogin(target.host, target.profile);
  switch (target.credentials.kind) {
    case 'databricks-cli':
      return `Log in again: ${login}`;
    case 'azure-cli':
      return 'Log in again: az login';
    case 'pat':
      return `The token may have expired or been revoked. Make a new one in the workspace (Settings > Developer > Access tokens), or log in: ${login}`;
    default:
      return `Check client id and secret: databricks auth describe${targetFlags(target)}`;
  }
}
