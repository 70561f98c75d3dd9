import { expect } from 'chai';
import { createServer } from 'node:net';
import { Readable } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { AirError } from '../../../src/lib/errors.js';
import { systemClock, systemIO, type Context } from '../../../src/lib/io.js';
import { ApiError, ConnectionError, Http } from '../../../src/lib/workspace/http.js';
import type { Target } from '../../../src/lib/workspace/target.js';
import {
  apiError,
  scriptedToken,
  startScriptedWorkspace,
  type ScriptedWorkspace,
} from '../../support/scripted-workspace.js';

/** A clock whose sleeps take no time but count: waits can be read off it. */
class HurriedClock {
  readonly sleeps: number[] = [];
  private ahead = 0;
  now = () => Date.now() + this.ahead;
  sleep = (milliseconds: number, signal?: AbortSignal): Promise<void> => {
    signal?.throwIfAborted();
    this.sleeps.push(milliseconds);
    this.ahead += milliseconds;
    return Promise.resolve();
  };
}

describe('HTTP client', () => {
  let server: ScriptedWorkspace;
  let clock: HurriedClock;
  let traces: string[];

  beforeEach(async () => {
    server = await startScriptedWorkspace();
    clock = new HurriedClock();
    traces = [];
  });
  afterEach(() => server.close());

  function client(overrides: Partial<Target> = {}, context: Partial<Context> = {}): Http {
    return new Http(
      server.target(overrides),
      { io: systemIO, clock, signal: new AbortController().signal, ...context },
      { userAgent: 'air-test/1', trace: (line) => traces.push(line) },
    );
  }

  async function failure<E extends AirError = AirError>(promise: Promise<unknown>): Promise<E> {
    const thrown = await promise.then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(thrown).to.be.instanceOf(AirError);
    return thrown as E;
  }

  it('sends user agent, token and routing header, and reads long integers exactly', async () => {
    server.script({ 'GET /api/x': { body: '{"run_id":9223372036854775807,"n":1.5}' } });
    const answer = await client({ workspaceId: '42' }).get('/api/x', { q: 'a b&c', none: undefined });
    expect(answer).to.deep.equal({ run_id: '9223372036854775807', n: 1.5 });
    const [request] = server.requests;
    expect(request?.headers).to.include({
      'user-agent': 'air-test/1',
      authorization: `Bearer ${scriptedToken}`,
      'x-databricks-workspace-id': '42',
    });
    expect([...(request?.query ?? [])]).to.deep.equal([['q', 'a b&c']]);
  });

  it('keeps connections', async () => {
    server.script({ 'GET /api/x': { json: {} } });
    const http = client();
    for (let call = 0; call < 5; call++) await http.get('/api/x');
    expect(server.accepted).to.equal(1);
  });

  for (const status of [429, 502, 503, 504]) {
    it(`retries a GET after ${status}`, async () => {
      server.script({
        'GET /api/x': [
          apiError(status, 'LATER', 'later'),
          apiError(status, 'LATER', 'later'),
          { json: { ok: 1 } },
        ],
      });
      expect(await client().get('/api/x')).to.deep.equal({ ok: 1 });
      expect(server.requests).to.have.length(3);
      expect(clock.sleeps[0]).to.be.within(0, 250);
      expect(clock.sleeps[1]).to.be.within(0, 500);
    });
  }

  it('does not retry a 500, and calls it transient', async () => {
    server.script({ 'GET /api/x': apiError(500, 'INTERNAL_ERROR', 'broken') });
    const error = await failure<ApiError>(client().get('/api/x'));
    expect(error).to.include({ code: 'INTERNAL_ERROR', kind: 'TRANSIENT', exitCode: 6, status: 500 });
    expect(error.message).to.contain('broken');
    expect(server.requests).to.have.length(1);
  });

  it('follows Retry-After, in seconds and as a date', async () => {
    server.script({
      'GET /api/x': [
        apiError(429, 'REQUEST_LIMIT_EXCEEDED', 'slow', { 'retry-after': '7' }),
        () => apiError(503, 'X', 'slow', { 'retry-after': new Date(clock.now() + 9000).toUTCString() }),
        { json: {} },
      ],
    });
    await client().get('/api/x');
    expect(clock.sleeps[0]).to.be.within(7000, 7250);
    expect(clock.sleeps[1]).to.be.within(7000, 9250);
  });

  it('spreads what many were told to send at the same moment', async () => {
    server.script({
      'GET /api/x': (_, call) =>
        call <= 20 ? apiError(429, 'X', 'x', { 'retry-after': '2' }) : { json: {} },
    });
    const http = client();
    await Promise.all(Array.from({ length: 20 }, () => http.get('/api/x')));
    expect(clock.sleeps.every((delay) => delay >= 2000 && delay <= 2250)).to.equal(true);
    expect(new Set(clock.sleeps).size).to.be.greaterThan(10);
  });

  it('asks a host that is too busy for a minute, not longer, with and without Retry-After', async () => {
    for (const headers of [undefined, { 'retry-after': '9' }]) {
      clock.sleeps.length = 0;
      server.script({ 'GET /api/x': apiError(429, 'REQUEST_LIMIT_EXCEEDED', 'slow down', headers) });
      const error = await failure(client().get('/api/x'));
      expect(error).to.include({ code: 'INTERNAL_ERROR', kind: 'TRANSIENT', exitCode: 6 });
      expect(clock.sleeps.reduce((sum, delay) => sum + delay, 0)).to.be.within(30_000, 60_000);
      expect(clock.sleeps.every((delay) => delay <= 9250)).to.equal(true);
    }
  });

  it('gives up at once when Retry-After exceeds the budget', async () => {
    server.script({
      'GET /api/x': apiError(429, 'REQUEST_LIMIT_EXCEEDED', 'slow', { 'retry-after': '3600' }),
    });
    const error = await failure(client().get('/api/x'));
    expect(error).to.include({ kind: 'TRANSIENT', exitCode: 6 });
    expect(server.requests).to.have.length(1);
  });

  it('ends retries when the budget is spent', async () => {
    server.script({ 'GET /api/x': apiError(503, 'X', 'down') });
    await failure(client().get('/api/x'));
    expect(clock.sleeps.reduce((sum, delay) => sum + delay, 0)).to.be.below(12_000);
    expect(server.requests.length).to.be.within(3, 100);
  });

  it('sends a POST again only when it cannot have been handled', async () => {
    server.script({
      'POST /api/handled': [{ fault: 'lost' }, { json: {} }],
      'POST /api/gateway': [apiError(502, 'X', 'x'), { json: {} }],
      'POST /api/busy': [apiError(503, 'X', 'x'), apiError(429, 'X', 'x'), { json: { ok: 1 } }],
      'POST /api/token': [{ fault: 'lost' }, apiError(502, 'X', 'x'), { json: { ok: 1 } }],
    });
    const http = client();
    expect(await failure(http.post('/api/handled', {}))).to.be.instanceOf(ConnectionError);
    expect(await failure(http.post('/api/gateway', {}))).to.be.instanceOf(ApiError);
    expect(await http.post('/api/busy', {})).to.deep.equal({ ok: 1 });
    expect(await http.post('/api/token', {}, { retry: 'safe' })).to.deep.equal({ ok: 1 });
    expect(server.sent('POST /api/handled')).to.have.length(1);
    expect(server.sent('POST /api/gateway')).to.have.length(1);
  });

  it('retries lost and cut answers of a GET', async () => {
    server.script({
      'GET /api/x': [
        { fault: 'lost' },
        { json: { long: 'x'.repeat(100) }, fault: 'truncated' },
        { json: { ok: 1 } },
      ],
    });
    expect(await client().get('/api/x')).to.deep.equal({ ok: 1 });
  });

  it('makes a new stream for each attempt of an upload', async () => {
    server.script({ 'PUT /api/x': [apiError(503, 'X', 'x'), {}] });
    const parts = ['one ', 'two'];
    await client().request('PUT', '/api/x', { body: () => Readable.from(parts) });
    expect(server.requests.map(({ body }) => body.toString())).to.deep.equal(['one two', 'one two']);
  });

  it('gives up a host where nothing listens, and says so', async () => {
    const host = server.url;
    await server.close();
    const error = await failure(client({ host, source: 'profile dev of ~/.databrickscfg' }).get('/api/x'));
    expect(error).to.include({ code: 'INTERNAL_ERROR', kind: 'TRANSIENT', exitCode: 6 });
    expect(error.message).to.equal(
      `${host}, host of profile dev of ~/.databrickscfg, cannot be reached: nothing listens there (connection refused).`,
    );
    expect(clock.sleeps.length).to.be.greaterThan(1);
    server = await startScriptedWorkspace();
  });

  it('shares an outage: what is asked after a host was given up gets one attempt, until it answers again', async () => {
    let now = 0;
    const steady = {
      now: () => now,
      sleep: (milliseconds: number) => Promise.resolve(void (now += milliseconds)),
    };
    let up = false;
    const lost = () => {
      now += 4_000;
      return { fault: 'lost' } as const;
    };
    server.script({ 'GET /api/x': () => (up ? { json: { up } } : lost()) });
    const http = client({}, { clock: steady });
    expect(await failure(http.get('/api/x'))).to.include({ exitCode: 6 });
    const first = server.requests.length;
    expect(first).to.be.greaterThan(1);
    expect(await failure(http.get('/api/x'))).to.include({ exitCode: 6 });
    expect(server.requests).to.have.length(first + 1);
    up = true;
    expect(await http.get('/api/x')).to.deep.equal({ up: true });
    up = false;
    await failure(http.get('/api/x'));
    expect(server.requests.length).to.equal(first + 2 + first);
  });

  it('gives up a host that accepts and never answers when the budget is spent', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    const { port } = silent.address() as { port: number };
    const http = client({ host: `http://127.0.0.1:${port}` }, { clock: systemClock });
    // An attempt that may take longer ends with the budget too.
    for (const options of [{ budget: 300 }, { budget: 300, timeout: 60_000 }]) {
      const error = await failure(http.get('/api/x', {}, options));
      expect(error).to.be.instanceOf(ConnectionError);
      expect(error).to.include({ kind: 'TRANSIENT', exitCode: 6 });
      expect(error.message).to.contain('no answer in time');
    }
    silent.close();
  });

  it('stops at the signal, with its reason', async () => {
    const controller = new AbortController();
    server.script({
      'GET /api/x': () => {
        controller.abort(new AirError('CONFLICT', 'enough'));
        return { fault: 'hang' };
      },
    });
    const request = client({}, { signal: controller.signal }).get('/api/x');
    expect((await failure(request)).message).to.equal('enough');
  });

  describe('answers in words', () => {
    const cases: [number, string, string, string, number][] = [
      [400, 'INVALID_PARAMETER_VALUE', 'INTERNAL_ERROR', 'PERMANENT', 7],
      [400, 'RESOURCE_ALREADY_EXISTS', 'CONFLICT', 'CONFLICT', 7],
      [400, 'RESOURCE_DOES_NOT_EXIST', 'NOT_FOUND', 'NOT_FOUND', 5],
      [401, 'UNAUTHENTICATED', 'UNAUTHENTICATED', 'PERMANENT', 4],
      [403, 'PERMISSION_DENIED', 'PERMISSION_DENIED', 'PERMANENT', 4],
      [403, 'FEATURE_DISABLED', 'FEATURE_DISABLED', 'PERMANENT', 7],
      [404, 'RESOURCE_DOES_NOT_EXIST', 'NOT_FOUND', 'NOT_FOUND', 5],
      [404, 'ENDPOINT_NOT_FOUND', 'FEATURE_DISABLED', 'PERMANENT', 7],
      [409, 'RESOURCE_CONFLICT', 'CONFLICT', 'CONFLICT', 7],
      [501, 'NOT_IMPLEMENTED', 'NOT_IMPLEMENTED', 'PERMANENT', 7],
      [500, 'INTERNAL_ERROR', 'INTERNAL_ERROR', 'TRANSIENT', 6],
    ];
    for (const [status, errorCode, code, kind, exitCode] of cases) {
      it(`${status} ${errorCode} is ${code}`, async () => {
        server.script({ 'POST /api/x': apiError(status, errorCode, 'said the server') });
        const error = await failure<ApiError>(client().post('/api/x', {}));
        expect(error).to.include({
          code,
          kind,
          exitCode,
          status,
          errorCode,
          retryable: kind === 'TRANSIENT',
        });
        expect(error.message).to.contain('said the server');
      });
    }

    it('names source and kind, and the next command, when the token is refused', async () => {
      server.script({ 'GET /api/x': apiError(401, 'UNAUTHENTICATED', 'Token expired') });
      const error = await failure(
        client({ source: 'profile dev of ~/.databrickscfg', profile: 'dev' }).get('/api/x'),
      );
      expect(error.message).to.equal(
        `${server.url} did not accept the credentials of profile dev of ~/.databrickscfg (pat): Token expired.`,
      );
      expect(error.hint).to.contain(`databricks auth login --host ${server.url} --profile dev`);
    });

    it('takes the 403 of an invalid token for what it is', async () => {
      server.script({
        'GET /api/x': { status: 403, json: { error_code: 403, message: 'Invalid access token.' } },
      });
      expect((await failure(client().get('/api/x'))).code).to.equal('UNAUTHENTICATED');
    });

    it('says that a web page or a redirect is no API answer', async () => {
      server.script({
        'GET /api/page': { status: 404, body: '<!doctype html><p>secret page' },
        'GET /api/moved': { status: 302, headers: { location: 'https://elsewhere.example.com/?s=1' } },
        'GET /api/html': { body: '<html>' },
      });
      for (const path of ['page', 'moved', 'html']) {
        const error = await failure(client().get(`/api/${path}`));
        expect(error).to.include({ code: 'INTERNAL_ERROR', kind: 'PERMANENT', exitCode: 7 });
        expect(error.message).to.not.contain('<').and.to.not.contain('s=1');
        expect(error.hint).to.contain('Databricks workspace');
      }
    });

    it('takes a redirect to a login page for a refused login', async () => {
      server.script({ 'GET /api/x': { status: 303, headers: { location: '/login.html' } } });
      expect((await failure(client().get('/api/x'))).code).to.equal('UNAUTHENTICATED');
    });

    it('does not repeat a token that the server repeats', async () => {
      server.script({
        'GET /api/x': apiError(401, 'X', `Bad token ${scriptedToken} and eyJhbGciOiJI.eyJzdWIi.c2ln`),
      });
      const error = await failure(client().get('/api/x'));
      expect(error.message).to.not.contain(scriptedToken).and.to.not.contain('eyJ');
    });
  });

  describe('large answers', () => {
    it('come whole, after one that was cut too, and keep the connection', async () => {
      const json = { text: '\u2588é'.repeat(500_000), id: '9223372036854775807' };
      const body = JSON.stringify(json).replace(/"(\d+)"/, '$1');
      server.script({ 'GET /api/x': [{ body, fault: 'truncated' }, { body }] });
      const http = client();
      for (let call = 0; call < 3; call++) expect(await http.getLarge('/api/x', {})).to.deep.equal(json);
      expect(server.requests).to.have.length(4);
      expect(server.accepted).to.equal(2);
    });

    it('leave nothing behind that fails when the command is stopped later', async () => {
      const controller = new AbortController();
      server.script({ 'GET /api/x': [{ json: {} }, apiError(500, 'X', 'x')] });
      const http = client({}, { signal: controller.signal });
      await http.getLarge('/api/x', {});
      await failure(http.getLarge('/api/x', {}));
      // What fails now has nobody to hear it: the test runner would.
      controller.abort(new Error('stopped'));
      await delay(50);
    });
  });

  describe('downloads', () => {
    it('streams with our token, and retries only the beginning', async () => {
      const bytes = Buffer.alloc(3_000_000, 'abc');
      server.script({ 'GET /api/file': [apiError(503, 'X', 'x'), { body: bytes }] });
      const { body, headers } = await client().download('/api/file');
      expect(headers['content-length']).to.equal('3000000');
      expect(Buffer.concat(await body.toArray()).equals(bytes)).to.equal(true);
    });

    it('ends a stream that is cut with a transient error', async () => {
      server.script({ 'GET /api/file': { body: Buffer.alloc(1_000_000), fault: 'truncated' } });
      const { body } = await client().download('/api/file');
      const error = await failure(body.toArray());
      expect(error).to.be.instanceOf(ConnectionError).and.to.include({ kind: 'TRANSIENT' });
    });

    it('asks a signed address with its own headers and without our token', async () => {
      server.script({ 'GET /bucket/key': { body: 'data' } });
      const { body } = await client({ workspaceId: '42' }).downloadSigned(
        { url: `${server.url}/bucket/key?signature=s3cr3t`, headers: [{ name: 'x-sse', value: 'AES' }] },
        { headers: { range: 'bytes=0-' } },
      );
      expect(Buffer.concat(await body.toArray()).toString()).to.equal('data');
      const [request] = server.requests;
      expect(request?.query.get('signature')).to.equal('s3cr3t');
      expect(request?.headers).to.include({ 'x-sse': 'AES', range: 'bytes=0-' });
      expect(request?.headers).to.not.have.any.keys('authorization', 'x-databricks-workspace-id');
      expect(traces.join()).to.contain('/bucket/key').and.to.not.contain('s3cr3t');
    });

    it('shows the status alone when a signed address refuses', async () => {
      server.script({ 'GET /bucket/key': { status: 403, body: '<Signature>s3cr3t' } });
      const error = await failure(
        client().downloadSigned({ url: `${server.url}/bucket/key?signature=s3cr3t` }),
      );
      expect(error).to.include({ code: 'INTERNAL_ERROR', kind: 'PERMANENT' });
      expect(error.message).to.contain('403').and.to.not.contain('s3cr3t');
    });
  });

  it('traces every attempt without headers and bodies', async () => {
    server.script({ 'POST /api/x': [apiError(503, 'X', 'x'), { json: {} }] });
    await client().post('/api/x', { password: 'hunter22' }, { query: { a: 1 } });
    expect(traces.filter((line) => line.includes('/api/x?a=1 -> '))).to.have.length(2);
    expect(traces.join()).to.not.contain('hunter22').and.to.not.contain(scriptedToken);
  });
});
