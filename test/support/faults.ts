import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Context } from '../../src/lib/io.js';
import { openWorkspace, type Workspace } from '../../src/lib/workspace/index.js';
import type { Transport } from '../../src/lib/workspace/transport.js';
import type { JumpingClock } from './faults-clock.js';
import { StoredFiles, type StoredBytes } from './faults-files.js';
import type { Random } from './faults-random.js';
import type { Scenario, WrittenLine } from './faults-scenario.js';

export const rigRunId = '9007199254740993123';

const faults = ['429', '429 later', '500', '503', 'reset', 'truncated', 'hang', 'cut short'] as const;
type Fault = (typeof faults)[number];

const refusals: Partial<Record<Fault, { status: number; code: string }>> = {
  '429': { status: 429, code: 'REQUEST_LIMIT_EXCEEDED' },
  '429 later': { status: 429, code: 'REQUEST_LIMIT_EXCEEDED' },
  '500': { status: 500, code: 'INTERNAL_ERROR' },
  '503': { status: 503, code: 'TEMPORARILY_UNAVAILABLE' },
};

/** Faults come in streaks of at most so many per path, so that every question gets through in the end. */
const longestStreak = 3;
const longestLatency = 60;
/** What hangs is cut by something between the two sides after a while. */
const hangTime = 10_000;
const largestPage = 50;

export interface Rig {
  readonly workspace: Workspace;
  /** What was answered instead of the truth, by kind. */
  readonly played: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/**
 * A workspace on loopback that plays a scenario on the rig's clock, with faults between it and the client:
 * errors, lost and hanging connections, pages that are cut short, shuffled, or hold records twice, a token that
 * expires, a log service that goes away.
 */
export async function startRig(
  scenario: Scenario,
  random: Random,
  clock: JumpingClock,
  context: Context,
): Promise<Rig> {
  const player = new Player(scenario, random, clock);
  const server = createServer((request, response) => void player.answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  player.host = host;
  const credentials = {
    kind: 'oauth' as const,
    headers: () => Promise.resolve({ authorization: 'Bearer rig' }),
    renew: () => {
      player.tokenRenewed = true;
      return Promise.resolve(true);
    },
  };
  const target = { host, credentials, source: 'the rig', local: false };
  const workspace = openWorkspace(target, context, { userAgent: 'rig' });
  holdTimeDuringRequests(Reflect.get(workspace.http, 'transport') as Transport, clock);
  return {
    workspace,
    played: player.played,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}

/** The clock stands still while a request travels. It runs while the server takes its time to answer. */
function holdTimeDuringRequests(transport: Transport, clock: JumpingClock): void {
  const exchange = transport.exchange.bind(transport);
  const text = transport.text.bind(transport);
  const stream = transport.stream.bind(transport);
  const held = async <Reply>(send: () => Promise<Reply>): Promise<Reply> => {
    clock.begin();
    try {
      return await send();
    } finally {
      clock.end();
    }
  };
  transport.exchange = (request) => held(() => exchange(request));
  transport.text = (request) => held(() => text(request));
  transport.stream = async (request) => {
    clock.begin();
    try {
      const reply = await stream(request);
      // The body of an error answer has been read already.
      if (reply.status >= 300) clock.end();
      else reply.stream.once('close', () => clock.end());
      return reply;
    } catch (error) {
      clock.end();
      throw error;
    }
  };
}

/** The server's side: decides about each request and answers it. */
class Player {
  host = '';
  tokenRenewed = false;
  private hasToldState = false;
  readonly played = new Map<string, number>();
  private readonly streaks = new Map<string, number>();
  private readonly files: StoredFiles;

  constructor(
    private readonly scenario: Scenario,
    private readonly random: Random,
    private readonly clock: JumpingClock,
  ) {
    this.files = new StoredFiles(scenario, () => clock.now());
  }

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { clock, random } = this;
    const url = new URL(request.url ?? '/', this.host);
    await this.pass(random.between(1, longestLatency));
    const { tokenExpires } = this.scenario;
    const isRefused = tokenExpires !== null && clock.now() >= tokenExpires && !this.tokenRenewed;
    if (isRefused && !url.pathname.startsWith('/signed/')) {
      this.count('401');
      send(response, 401, { error_code: 'UNAUTHENTICATED', message: 'The token has expired.' });
      return;
    }
    const fault = this.drawFault(url.pathname);
    if (fault === 'hang') await this.pass(hangTime);
    if (fault === 'hang' || fault === 'reset') {
      request.socket.destroy();
      return;
    }
    const refusal = fault && refusals[fault];
    if (fault === '429 later') response.setHeader('retry-after', String(random.between(1, 3)));
    if (refusal) send(response, refusal.status, { error_code: refusal.code, message: 'Not now.' });
    else this.route(url, request, response, fault);
  }

  /** The server takes its time: meanwhile the clock runs. */
  private async pass(milliseconds: number): Promise<void> {
    const slept = this.clock.sleep(milliseconds);
    this.clock.end();
    await slept;
    this.clock.begin();
  }

  private drawFault(path: string): Fault | undefined {
    const streak = this.streaks.get(path) ?? 0;
    if (streak >= longestStreak || !this.random.chance(this.scenario.faultRate)) {
      this.streaks.set(path, 0);
      return undefined;
    }
    this.streaks.set(path, streak + 1);
    const drawn = this.random.pick(faults);
    // How long a command waits for its first answer is the HTTP client's affair.
    const fault = drawn === 'hang' && !this.hasToldState ? 'reset' : drawn;
    this.count(fault);
    return fault;
  }

  private count(what: string): void {
    this.played.set(what, (this.played.get(what) ?? 0) + 1);
  }

  private route(url: URL, request: IncomingMessage, response: ServerResponse, fault?: Fault): void {
    const { files } = this;
    const { searchParams: query } = url;
    const path = decodeURIComponent(url.pathname);
    const json = (body: object | null) => {
      if (body) send(response, 200, body, fault);
      else send(response, 404, { error_code: 'NOT_FOUND', message: 'Nothing there.' });
    };
    const folder = after(path, '/api/2.0/fs/directories');
    const file = after(path, '/api/2.0/fs/files');
    const signed = after(path, '/signed/');
    if (path.endsWith('/scim/v2/Me')) {
      response.setHeader('x-databricks-org-id', '42');
      json({ userName: 'rig@example.com' });
    } else if (path.endsWith('/jobs/runs/get')) json(this.runNow());
    else if (path.endsWith('/jobs/runs/get-output')) {
      const run = files.runOf(Number(query.get('run_id')) - 100);
      json({ ai_runtime_task_output: { mlflow_experiment_id: '7', mlflow_run_id: run } });
    } else if (/\/by-run-id\/\d+\/logs$/.test(path)) this.logs(query, response, fault);
    else if (path.endsWith('/mlflow/runs/get')) {
      json({ run: { info: { artifact_uri: files.artifactUri(query.get('run_id') ?? '') } } });
    } else if (path.endsWith('/artifacts/list')) {
      json(files.artifacts(query.get('run_id') ?? '', query.get('path') ?? ''));
    } else if (path.endsWith('/credentials-for-read')) {
      const signedUri = `${this.host}/signed/${query.get('run_id')}/${query.get('path')}`;
      json({ credential_infos: [{ signed_uri: signedUri, headers: [] }] });
    } else if (folder !== undefined) json(files.directory(folder));
    else if (file !== undefined) sendBytes(response, files.volumeFile(file, request.headers), fault);
    else if (signed !== undefined) {
      const [run = '', ...rest] = signed.split('/');
      sendBytes(response, files.artifact(run, rest.join('/'), request.headers), fault);
    } else send(response, 404, { error_code: 'ENDPOINT_NOT_FOUND', message: 'No API found.' });
  }

  private runNow(): object {
    this.hasToldState = true;
    const { phases, nodes, maxRetries } = this.scenario;
    const phase = phases.findLast((each) => each.from <= this.clock.now());
    const state = {
      life_cycle_state: phase?.lifeCycle,
      ...(phase?.result ? { result_state: phase.result } : {}),
    };
    const waiting = phase?.lifeCycle === 'WAITING_FOR_RETRY';
    const compute = { accelerator_type: 'GPU_1xA10', accelerator_count: nodes };
    return {
      run_id: rigRunId,
      state: waiting ? { life_cycle_state: 'RUNNING' } : state,
      tasks: Array.from({ length: (phase?.attempt ?? 0) + 1 }, (_, attempt) => ({
        run_id: 100 + attempt,
        attempt_number: attempt,
        max_retries: maxRetries,
        state:
          attempt === phase?.attempt ? state : { life_cycle_state: 'TERMINATED', result_state: 'FAILED' },
        ai_runtime_task: { deployments: [{ compute }] },
      })),
    };
  }

  private logs(query: URLSearchParams, response: ServerResponse, fault?: Fault): void {
    const { scenario, random } = this;
    const now = this.clock.now();
    if (scenario.serviceEnds !== null && now >= scenario.serviceEnds) {
      this.count('service gone');
      const body = { error_code: 'FEATURE_DISABLED', message: 'Not enabled.' };
      send(response, random.chance(0.5) ? 404 : 400, body);
      return;
    }
    const [position = 0, asOf = now] = (query.get('page_token') ?? `0@${now}`).split('@').map(Number);
    const all = this.recordsOf(query, asOf);
    const size = Math.min(Number(query.get('page_size') ?? largestPage), largestPage);
    let page = all.slice(position, position + size);
    let next = position + size < all.length ? `${position + size}@${asOf}` : undefined;
    if (fault === 'cut short') {
      page = page.slice(0, page.length / 2);
      next = undefined;
    } else if (scenario.faultRate > 0) {
      if (random.chance(0.1)) page = [...page, ...page.slice(0, 5)];
      if (random.chance(0.1)) random.shuffle(page);
    }
    const records = page.map((line) => ({
      time_unix_nano: line.time,
      body: line.body,
      node_index: line.node,
      ...(scenario.hasIds ? { record_id: line.id } : {}),
    }));
    send(response, 200, { log_records: records, next_page_token: next }, fault);
  }

  private recordsOf(query: URLSearchParams, asOf: number): WrittenLine[] {
    const { answersOneNode, lines } = this.scenario;
    const node = query.get('filter.node_index') ?? (answersOneNode ? '0' : null);
    const attempt = Number(query.get('ref.attempt_number'));
    const from = Number(query.get('from') ?? 0);
    const to = Number(query.get('to') ?? Infinity);
    const found = lines.filter((line) => {
      const second = Number(line.time) / 1e9;
      const isThere = line.visible <= asOf && second >= from && second < to + 1;
      return isThere && line.attempt === attempt && (node === null || line.node === Number(node));
    });
    found.sort((a, b) => (BigInt(a.time) < BigInt(b.time) ? -1 : 1));
    return query.get('ascending') === 'true' ? found : found.reverse();
  }
}

function after(path: string, beginning: string): string | undefined {
  return path.startsWith(beginning) ? path.slice(beginning.length) : undefined;
}

function send(response: ServerResponse, status: number, json: object, fault?: Fault): void {
  response.setHeader('content-type', 'application/json');
  sendBody(response, status, Buffer.from(JSON.stringify(json)), fault);
}

function sendBytes(response: ServerResponse, { status, bytes }: StoredBytes, fault?: Fault): void {
  sendBody(response, status, bytes, fault);
}

function sendBody(response: ServerResponse, status: number, body: Buffer, fault?: Fault): void {
  response.writeHead(status, { 'content-length': String(body.length) });
  if (fault === 'truncated') response.write(body.subarray(0, body.length / 2), () => response.destroy());
  else response.end(body);
}
