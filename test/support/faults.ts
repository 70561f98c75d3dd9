import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openWorkspace, type Workspace } from '../../src/lib/workspace/index.js';
import type { Context } from '../../src/lib/io.js';
import type { JumpingClock } from './faults-clock.js';
import type { Random } from './faults-random.js';
import type { Scenario, WrittenLine } from './faults-scenario.js';

export const rigRunId = '9007199254740993123';
const faults = [
  '429',
  '429 with Retry-After',
  '500',
  '503',
  'reset',
  'truncated',
  'hang',
  'cut short',
] as const;
type Fault = (typeof faults)[number];
const longestStreak = 3;

export interface Rig {
  readonly workspace: Workspace;
  /** What was answered instead of the truth, by kind. */
  readonly played: Map<string, number>;
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
  const played = new Map<string, number>();
  const streaks = new Map<string, number>();
  let renewed = false;

  const server = createServer((request, response) => void answer(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const host = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    await clock.sleep(random.between(1, 60));
    clock.busy++;
    response.on('close', () => clock.busy--);
    const url = new URL(request.url ?? '/', host);
    const isSigned = url.pathname.startsWith('/signed/');
    const expired = scenario.tokenExpires !== null && clock.now() >= scenario.tokenExpires && !renewed;
    if (expired && !isSigned) {
      send(response, 401, { error_code: 'UNAUTHENTICATED', message: 'The token has expired.' });
      return;
    }
    const fault = drawFault(url.pathname);
    if (fault) count(fault);
    switch (fault) {
      case '429': {
        send(response, 429, { error_code: 'REQUEST_LIMIT_EXCEEDED', message: 'Slow down.' });
        return;
      }
      case '429 with Retry-After':
        response.setHeader('retry-after', '1');
        {
          send(response, 429, { error_code: 'REQUEST_LIMIT_EXCEEDED', message: 'Slow down.' });
          return;
        }
      case '500': {
        send(response, 500, { error_code: 'INTERNAL_ERROR', message: 'Broken.' });
        return;
      }
      case '503': {
        send(response, 503, { error_code: 'TEMPORARILY_UNAVAILABLE', message: 'Away.' });
        return;
      }
      case 'reset':
        request.socket.destroy();
        return;
      case 'hang':
        return;
      default:
        route(url, response, fault, request);
    }
  }

  /** Faults come in streaks of at most three per path, so that every request gets through in the end. */
  function drawFault(path: string): Fault | undefined {
    const streak = streaks.get(path) ?? 0;
    if (streak >= longestStreak || !random.chance(scenario.faultRate)) {
      streaks.set(path, 0);
      return undefined;
    }
    streaks.set(path, streak + 1);
    const fault = random.pick(faults);
    return fault === 'hang' && path.endsWith('/Me') ? 'reset' : fault;
  }

  function count(what: string): void {
    played.set(what, (played.get(what) ?? 0) + 1);
  }

  function route(
    url: URL,
    response: ServerResponse,
    fault: Fault | undefined,
    request: IncomingMessage,
  ): void {
    const { pathname: path, searchParams: query } = url;
    if (path.endsWith('/scim/v2/Me')) {
      response.setHeader('x-databricks-org-id', '42');
      send(response, 200, { userName: 'rig@example.com' }, fault);
      return;
    }
    if (path.endsWith('/jobs/runs/get')) {
      send(response, 200, runNow(), fault);
      return;
    }
    if (path.endsWith('/jobs/runs/get-output')) {
      const attempt = Number(query.get('run_id')) - 100;
      send(
        response,
        200,
        {
          ai_runtime_task_output: { mlflow_experiment_id: '7', mlflow_run_id: `mlflow${attempt}` },
        },
        fault,
      );
      return;
    }
    if (path.endsWith('/logs')) {
      logs(query, response, fault);
      return;
    }
    if (path.endsWith('/mlflow/runs/get')) {
      send(
        response,
        200,
        { run: { info: { artifact_uri: 'dbfs:/databricks/mlflow-tracking/7/x/artifacts' } } },
        fault,
      );
      return;
    }
    if (path.endsWith('/artifacts/list')) {
      artifacts(query, response, fault);
      return;
    }
    if (path.endsWith('/credentials-for-read')) {
      const signed = `${host}/signed/${query.get('run_id')}/${query.get('path')}`;
      send(response, 200, { credential_infos: [{ signed_uri: signed, headers: [] }] }, fault);
      return;
    }
    if (path.startsWith('/signed/')) {
      bytes(path, request, response, fault);
      return;
    }
    send(response, 404, { error_code: 'ENDPOINT_NOT_FOUND', message: 'No API found.' });
  }

  function runNow(): object {
    const now = clock.now();
    const phase = scenario.phases.findLast((each) => each.from <= now);
    const state = {
      life_cycle_state: phase?.lifeCycle,
      ...(phase?.result ? { result_state: phase.result } : {}),
    };
    const waiting = phase?.lifeCycle === 'WAITING_FOR_RETRY';
    const compute = { accelerator_type: 'GPU_1xA10', accelerator_count: scenario.nodes };
    return {
      run_id: rigRunId,
      state: waiting ? { life_cycle_state: 'RUNNING' } : state,
      tasks: Array.from({ length: (phase?.attempt ?? 0) + 1 }, (_, attempt) => ({
        run_id: 100 + attempt,
        attempt_number: attempt,
        max_retries: scenario.maxRetries,
        state:
          attempt === phase?.attempt ? state : { life_cycle_state: 'TERMINATED', result_state: 'FAILED' },
        ai_runtime_task: { deployments: [{ compute }] },
      })),
    };
  }

  function logs(query: URLSearchParams, response: ServerResponse, fault: Fault | undefined): void {
    const now = clock.now();
    if (scenario.serviceEnds !== null && now >= scenario.serviceEnds) {
      count('service gone');
      const body = { error_code: 'FEATURE_DISABLED', message: 'Not enabled.' };
      send(response, random.chance(0.5) ? 404 : 400, body);
      return;
    }
    const [position, asOf] = (query.get('page_token') ?? `0@${now}`).split('@').map(Number) as [
      number,
      number,
    ];
    const node = query.get('filter.node_index');
    const from = Number(query.get('from') ?? 0);
    const to = Number(query.get('to') ?? Infinity);
    const all = scenario.lines
      .filter((line) => line.attempt === Number(query.get('ref.attempt_number')))
      .filter((line) => line.visible <= asOf && (node === null || line.node === Number(node)))
      .filter((line) => Number(line.time) / 1e9 >= from && Number(line.time) / 1e9 < to + 1);
    all.sort((a, b) => (BigInt(a.time) < BigInt(b.time) ? -1 : 1));
    if (query.get('ascending') !== 'true') all.reverse();
    const size = Math.min(Number(query.get('page_size') ?? 50), 50);
    let page = all.slice(position, position + size);
    let next = position + size < all.length ? `${position + size}@${asOf}` : undefined;
    if (fault === 'cut short') {
      page = page.slice(0, page.length / 2);
      next = undefined;
    } else if (scenario.faultRate > 0) {
      if (random.chance(0.1)) page = [...page, ...page.slice(0, 5)];
      if (random.chance(0.1)) random.shuffle(page);
    }
    send(response, 200, { log_records: page.map(record), next_page_token: next }, fault);
  }

  function record(line: WrittenLine): object {
    return {
      time_unix_nano: line.time,
      body: line.body,
      node_index: line.node,
      ...(scenario.hasIds ? { record_id: line.id } : {}),
    };
  }

  function artifacts(query: URLSearchParams, response: ServerResponse, fault: Fault | undefined): void {
    const attempt = Number((query.get('run_id') ?? '').replace('mlflow', ''));
    const path = query.get('path') ?? '';
    const files = [...storedFiles(attempt)].filter(([name]) => name.startsWith(`${path}/`));
    const children = new Map<string, object>();
    for (const [name, content] of files) {
      const rest = name.slice(path.length + 1).split('/');
      const child = `${path}/${rest[0]}`;
      const isDir = rest.length > 1;
      children.set(child, { path: child, is_dir: isDir, ...(isDir ? {} : { file_size: content.length }) });
    }
    send(response, 200, { files: [...children.values()] }, fault);
  }

  /** The chunk files of one attempt as they are at this moment: name to bytes. */
  function storedFiles(attempt: number): Map<string, Buffer> {
    const files = new Map<string, Buffer>();
    const folder = scenario.layout === 'plain' ? 'logs' : `logs/attempt_${attempt}`;
    const lines = scenario.lines.filter((line) => line.attempt === attempt);
    for (let node = 0; node < scenario.nodes; node++) {
      const own = lines.filter((line) => line.node === node);
      const cut = own.findIndex((line) => line.stored > clock.now());
      const present = cut === -1 ? own : own.slice(0, cut);
      for (let chunk = 0; chunk * 40 < present.length; chunk++) {
        const text = present
          .slice(chunk * 40, chunk * 40 + 40)
          .map((line) => `${line.body}\n`)
          .join('');
        files.set(`${folder}/node_${node}/logs-${chunk}.chunk.txt`, Buffer.from(text));
      }
    }
    return files;
  }

  function bytes(
    path: string,
    request: IncomingMessage,
    response: ServerResponse,
    fault: Fault | undefined,
  ): void {
    const [, , run = '', ...rest] = decodeURIComponent(path).split('/');
    const content = storedFiles(Number(run.replace('mlflow', ''))).get(rest.join('/'));
    if (!content) {
      send(response, 404, {});
      return;
    }
    const from = Number(/bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1] ?? 0);
    const body = content.subarray(from);
    response.writeHead(from > 0 ? 206 : 200, { 'content-length': String(body.length) });
    if (fault === 'truncated') response.write(body.subarray(0, body.length / 2), () => response.destroy());
    else response.end(body);
  }

  function send(response: ServerResponse, status: number, json: object, fault?: Fault): void {
    const body = Buffer.from(JSON.stringify(json));
    response.writeHead(status, { 'content-type': 'application/json', 'content-length': String(body.length) });
    if (fault === 'truncated') response.write(body.subarray(0, body.length / 2), () => response.destroy());
    else response.end(body);
  }

  const workspace = openWorkspace(
    {
      host,
      credentials: {
        kind: 'oauth',
        headers: () => Promise.resolve({ authorization: 'Bearer rig' }),
        renew: () => {
          renewed = true;
          return Promise.resolve(true);
        },
      },
      source: 'the rig',
      local: false,
    },
    context,
    { userAgent: 'rig' },
  );
  return {
    workspace,
    played,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
