import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ensureLocalWorkspace, findLocalWorkspace } from '../../src/lib/local/client/index.js';
import { Layout } from '../../src/lib/local/state/layout.js';
import { readServerState } from '../../src/lib/local/state/server-state.js';
import { familyOf, isSameProcess, processIdOf, signalProcess } from '../../src/lib/process-identity.js';
import type {
  ErrorBody,
  LogPage,
  LogRecord,
  Run,
  SubmitResponse,
} from '../../src/lib/workspace/contract/index.js';
import { testContext } from './context.js';

const packageFile = new URL('../../package.json', import.meta.url);
const { version } = JSON.parse(readFileSync(packageFile, 'utf8')) as { version: string };

export interface Answer<Body = unknown> {
  status: number;
  headers: Headers;
  body: Body;
}

export interface Submission {
  command: string;
  /** GPUs of type `GPU_1xA10`, so as many nodes; 1 unless told. */
  nodes?: number;
  accelerator?: { type: string; count: number };
  maxRetries?: number;
  timeoutSeconds?: number;
  token?: string;
  dependencies?: string[];
  codePath?: string;
  /** Files beside the command, by name. */
  files?: Record<string, string>;
}

/** A real local workspace in a temporary data directory. */
export class ScratchWorkspace {
  constructor(
    /** The temporary folder of everything: home, configuration, cache and data. */
    readonly folder: string,
    private address: { host: string; token: string },
    private readonly settings: NodeJS.ProcessEnv,
  ) {}

  get host(): string {
    return this.address.host;
  }
  get token(): string {
    return this.address.token;
  }
  get dataDirectory(): string {
    return join(this.folder, 'data');
  }
  get layout(): Layout {
    return new Layout(this.dataDirectory);
  }

  /** The environment for a command line that is to use this workspace with `--local`. */
  get env(): NodeJS.ProcessEnv {
    return environmentIn(this.folder, this.settings);
  }

  /** The server's process id; undefined while it is down. */
  get serverPid(): number | undefined {
    return findLocalWorkspace(this.dataDirectory)?.pid;
  }

  /**
   * One request, on a connection of its own: one kept from before the server was killed would fail. The answer's
   * body is parsed if it is JSON. A string or Buffer goes out as it is.
   */
  async request<Body = unknown>(
    method: string,
    path: string,
    body?: unknown,
    headers = {},
  ): Promise<Answer<Body>> {
    const raw = body === undefined || typeof body === 'string' || Buffer.isBuffer(body);
    const response = await fetch(this.host + path, {
      method,
      headers: { authorization: `Bearer ${this.token}`, connection: 'close', ...headers },
      ...(body === undefined ? {} : { body: raw ? (body as string) : JSON.stringify(body) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: parsed(text) as Body };
  }

  /** Writes a file of the workspace, its folders too. */
  async upload(path: string, content: string | Buffer): Promise<void> {
    await this.request('POST', '/api/2.0/workspace/mkdirs', { path: path.slice(0, path.lastIndexOf('/')) });
    const target = `/api/2.0/workspace-files/import-file/${encodeURIComponent(path.slice(1))}?overwrite=true`;
    const { status, body } = await this.request('POST', target, content);
    if (status !== 200) throw new Error(`${path} was not written: ${JSON.stringify(body)}`);
  }

  /** Uploads a command and submits a run of it; the answer as it comes. */
  async trySubmit(submission: Submission): Promise<Answer<Partial<SubmitResponse> & ErrorBody>> {
    const folder = `/Workspace/Users/someone/${Math.random().toString(36).slice(2)}`;
    await this.upload(`${folder}/command.sh`, submission.command);
    for (const [name, content] of Object.entries(submission.files ?? {})) {
      await this.upload(`${folder}/${name}`, content);
    }
    return this.request('POST', '/api/2.2/jobs/runs/submit', submissionBody(submission, folder));
  }

  /** As {@link trySubmit}; answers the run's id. */
  async submit(submission: Submission): Promise<string> {
    const { status, body } = await this.trySubmit(submission);
    if (status !== 200) throw new Error(`The run was refused: ${JSON.stringify(body)}`);
    return String(body.run_id);
  }

  async run(runId: string): Promise<Run> {
    return (await this.request<Run>('GET', `/api/2.2/jobs/runs/get?run_id=${runId}`)).body;
  }

  /** The run, once the condition holds. Outlives a restart of the server. */
  async until(runId: string, condition: (run: Run) => boolean): Promise<Run> {
    for (;;) {
      const run = await this.run(runId).catch(() => undefined);
      if (run?.state && condition(run)) return run;
      await delay(20);
    }
  }

  untilOver(runId: string): Promise<Run> {
    return this.until(runId, (run) => Boolean(run.end_time));
  }

  /** All lines of an attempt (the latest unless told), or of one of its nodes. */
  async lines(runId: string, query = ''): Promise<LogRecord[]> {
    const records: LogRecord[] = [];
    let token = '';
    for (;;) {
      const path = `/api/2.0/ai-training/workflows/by-run-id/${runId}/logs?${query}&page_token=${token}`;
      const { body } = await this.request<LogPage>('GET', path);
      records.push(...(body.log_records ?? []));
      if (!body.next_page_token) return records;
      token = body.next_page_token;
    }
  }

  async text(runId: string, query = ''): Promise<string[]> {
    return (await this.lines(runId, query)).map((record) => record.body ?? '');
  }

  /** Kills the server as a crash would; what it had started goes on. */
  async killServer(): Promise<void> {
    const server = readServerState(this.layout)?.process;
    if (server) await killed(server);
  }

  /** Starts the server if it is down. */
  async start(): Promise<void> {
    this.address = await ensureLocalWorkspace({
      dataDirectory: this.dataDirectory,
      version,
      env: this.env,
      context: testContext(),
    });
  }

  /** Ends every process of the workspace, whatever state it is in. */
  async stopAll(): Promise<void> {
    const marker = `HOME=${join(this.folder, 'home')}`;
    for (let left = familyOf(new Set(), marker); left.length > 0; left = familyOf(new Set(), marker)) {
      for (const pid of left) signalProcess(pid, 'SIGKILL');
      await delay(5);
    }
  }

  /** Ends every process of the workspace and removes its folder. */
  async close(): Promise<void> {
    await this.stopAll();
    rmSync(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}

/** The place for a local workspace of its own, not started yet. `env` adds to what a server is started with. */
export function emptyLocalWorkspace(env: NodeJS.ProcessEnv = {}): ScratchWorkspace {
  const folder = mkdtempSync(join(tmpdir(), 'air-local-'));
  mkdirSync(join(folder, 'home'));
  return new ScratchWorkspace(folder, { host: '', token: '' }, env);
}

/**
 * Starts a local workspace of its own for a test: the built server, as a user gets it. `env` adds to what the
 * server is started with. Close it in an `after` hook.
 */
export async function startLocalWorkspace(env: NodeJS.ProcessEnv = {}): Promise<ScratchWorkspace> {
  const workspace = emptyLocalWorkspace(env);
  await workspace.start();
  return workspace;
}

function submissionBody(submission: Submission, folder: string): Record<string, unknown> {
  const { nodes = 1, accelerator = { type: 'GPU_1xA10', count: nodes } } = submission;
  return {
    run_name: 'test',
    ...(submission.token === undefined ? {} : { idempotency_token: submission.token }),
    ...(submission.timeoutSeconds === undefined ? {} : { timeout_seconds: submission.timeoutSeconds }),
    environments: [
      {
        environment_key: 'default',
        spec: {
          environment_version: '6',
          ...(submission.dependencies ? { dependencies: submission.dependencies } : {}),
        },
      },
    ],
    tasks: [
      {
        task_key: 'test',
        run_if: 'ALL_SUCCESS',
        environment_key: 'default',
        max_retries: submission.maxRetries ?? 0,
        ...(submission.maxRetries ? { retry_on_timeout: true } : {}),
        ai_runtime_task: {
          experiment: 'test',
          ...(submission.codePath === undefined ? {} : { code_source_path: submission.codePath }),
          deployments: [
            {
              command_path: `${folder}/command.sh`,
              compute: { accelerator_type: accelerator.type, accelerator_count: accelerator.count },
            },
          ],
        },
      },
    ],
  };
}

function environmentIn(folder: string, settings: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    LANG: 'C.UTF-8',
    SHELL: '/bin/bash',
    HOME: join(folder, 'home'),
    AIR_DATA_DIR: join(folder, 'data'),
    AIR_CONFIG_DIR: join(folder, 'config'),
    AIR_CACHE_DIR: join(folder, 'cache'),
    ...settings,
  };
}

async function killed(identity: string): Promise<void> {
  if (isSameProcess(identity)) signalProcess(processIdOf(identity), 'SIGKILL');
  while (isSameProcess(identity)) await delay(5);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
