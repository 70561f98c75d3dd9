import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { parseLosslessJson, stringifyJson } from '../../src/lib/workspace/json.js';
import type { Target } from '../../src/lib/workspace/target.js';

/** One request as the server got it, in the order of arrival. */
export interface RecordedRequest {
  method: string;
  /** The path as sent, still escaped, without the query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: Buffer;
  /** The body read as JSON with exact integers (long ones as digits); undefined when it is none. */
  json: unknown;
  /** `performance.now()` at arrival. */
  at: number;
}

export interface Answer {
  status?: number;
  /** Sent as JSON; long integers as {@link JsonInteger}. Mutually exclusive with `body`. */
  json?: unknown;
  body?: string | Buffer;
  headers?: Record<string, string>;
  /** Milliseconds to wait before the answer leaves. */
  delay?: number;
  /**
   * What goes wrong: `lost` cuts the connection instead of answering (the handler has run: the work is done),
   * `truncated` cuts it after half of the body, `hang` never answers.
   */
  fault?: 'lost' | 'truncated' | 'hang';
}

/** Answers one request. `call` counts the calls of this route from 1. */
export type Handler = (request: RecordedRequest, call: number) => Answer | Promise<Answer>;

/** What a route answers: always the same, by a function, or call by call (the last one repeats). */
export type Script = Answer | Handler | readonly (Answer | Handler)[];

/** Keys are `METHOD /path`; a path that ends in `*` matches every longer one. */
export type Scripts = Record<string, Script>;

export interface ScriptedWorkspace {
  /** `http://127.0.0.1:PORT`, or `https:` with a certificate. */
  readonly url: string;
  readonly requests: readonly RecordedRequest[];
  /** Connections open now. */
  readonly connections: number;
  /** Connections accepted so far. */
  readonly accepted: number;
  /** Adds routes, or replaces them and starts their count anew. */
  script(scripts: Scripts): void;
  /** The requests of one route, by the same kind of key as in {@link Scripts}. */
  sent(route: string): RecordedRequest[];
  /** A target that reaches this server with a fixed token. */
  target(overrides?: Partial<Target>): Target;
  /** Cuts every open connection; the server goes on listening. */
  dropConnections(): void;
  close(): Promise<void>;
}

export const scriptedToken = 'scripted-token';

/** The error body of a Databricks API as an answer. */
export function apiError(
  status: number,
  errorCode: string,
  message: string,
  headers: Record<string, string> = {},
): Answer {
  return { status, json: { error_code: errorCode, message }, headers };
}

/** An answer for `GET /api/2.0/preview/scim/v2/Me`. */
export function scimMe(userName = 'alice@example.com', workspaceId = '1234567890'): Answer {
  return { json: { id: '7', userName }, headers: { 'x-databricks-org-id': workspaceId } };
}

/**
 * A workspace on loopback that answers by script and records what it was asked. Routes without a script answer
 * 404 as Databricks does. With a key and a certificate it speaks TLS. The caller closes it.
 */
export async function startScriptedWorkspace(
  scripts: Scripts = {},
  tls?: { key: string; cert: string },
): Promise<ScriptedWorkspace> {
  const routes = new Map<string, { script: Script; calls: number }>();
  const requests: RecordedRequest[] = [];
  const sockets = new Set<Socket>();
  let accepted = 0;

  const listener = (request: IncomingMessage, response: ServerResponse) => {
    void respond(request, response).catch((error: unknown) => {
      if (!response.headersSent) response.writeHead(599);
      response.end(String(error));
    });
  };
  const server: Server = tls ? createTlsServer(tls, listener) : createServer(listener);
  server.on('connection', (socket) => {
    accepted++;
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });

  async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const recorded = await record(request);
    requests.push(recorded);
    const answer = await answerTo(recorded);
    if (answer.delay) await delay(answer.delay);
    if (answer.fault === 'hang') return;
    if (answer.fault === 'lost') {
      request.socket.destroy();
      return;
    }
    send(response, answer);
  }

  async function answerTo(request: RecordedRequest): Promise<Answer> {
    const route = routeOf(request, [...routes.keys()]);
    const entry = route === undefined ? undefined : routes.get(route);
    if (!entry)
      return apiError(404, 'ENDPOINT_NOT_FOUND', `No API found for ${request.method} ${request.path}`);
    const call = ++entry.calls;
    const step = isSequence(entry.script)
      ? entry.script[Math.min(call, entry.script.length) - 1]
      : entry.script;
    return typeof step === 'function' ? step(request, call) : (step ?? {});
  }

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const workspace: ScriptedWorkspace = {
    url,
    requests,
    get connections() {
      return sockets.size;
    },
    get accepted() {
      return accepted;
    },
    script(more) {
      for (const [route, script] of Object.entries(more)) routes.set(route, { script, calls: 0 });
    },
    sent: (route) => requests.filter((request) => routeOf(request, [route]) !== undefined),
    target: (overrides) => ({
      host: url,
      credentials: {
        kind: 'pat',
        headers: () => Promise.resolve({ authorization: `Bearer ${scriptedToken}` }),
      },
      source: 'the test',
      local: false,
      ...overrides,
    }),
    dropConnections() {
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      workspace.dropConnections();
      await closed;
    },
  };
  workspace.script(scripts);
  return workspace;
}

function isSequence(script: Script): script is readonly (Answer | Handler)[] {
  return Array.isArray(script);
}

/** The route of a request: the exact one, else the longest that ends in `*`. */
function routeOf(request: RecordedRequest, routes: readonly string[]): string | undefined {
  const wanted = `${request.method} ${request.path}`;
  if (routes.includes(wanted)) return wanted;
  return routes
    .filter((route) => route.endsWith('*') && wanted.startsWith(route.slice(0, -1)))
    .sort((a, b) => b.length - a.length)[0];
}

async function record(request: IncomingMessage): Promise<RecordedRequest> {
  const at = performance.now();
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const body = Buffer.concat(chunks);
  const url = new URL(request.url ?? '/', 'http://scripted');
  return {
    method: request.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    headers: request.headers,
    body,
    json: jsonOf(body),
    at,
  };
}

function jsonOf(body: Buffer): unknown {
  try {
    return parseLosslessJson(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

function send(response: ServerResponse, answer: Answer): void {
  const isJson = answer.json !== undefined;
  const body = Buffer.from(isJson ? stringifyJson(answer.json) : (answer.body ?? ''));
  response.writeHead(answer.status ?? 200, {
    ...(isJson ? { 'content-type': 'application/json' } : {}),
    'content-length': String(body.length),
    ...answer.headers,
  });
  if (answer.fault !== 'truncated') {
    response.end(body);
    return;
  }
  response.write(body.subarray(0, Math.floor(body.length / 2)), () => response.destroy());
}
