import { paths } from '../../src/lib/workspace/contract/paths.js';
import {
  apiError,
  scimMe,
  startScriptedWorkspace,
  type Answer,
  type RecordedRequest,
  type ScriptedWorkspace,
} from './scripted-workspace.js';

export interface SubmittedRun {
  id: string;
  token: string;
  body: {
    tasks: {
      ai_runtime_task: { code_source_path?: string; deployments: { command_path: string }[] };
    }[];
  } & Record<string, unknown>;
}

/** What happens to one request: nothing special, or the caller's own trouble before or after it is handled. */
export interface Trouble {
  before?: (request: RecordedRequest, index: number) => Answer | undefined;
  after?: (request: RecordedRequest, index: number) => Answer | undefined;
}

/** A workspace that takes launches: it keeps folders, files and runs in memory, one run for one token. */
export interface LaunchWorkspace {
  readonly server: ScriptedWorkspace;
  readonly folders: Set<string>;
  readonly files: Map<string, Buffer>;
  readonly runs: SubmittedRun[];
  trouble: Trouble;
  /** Milliseconds that every answer takes. */
  delay: number;
  /** Requests that came since the last reset, in words. */
  log: string[];
  /** The environment in which the program talks to it. */
  readonly env: NodeJS.ProcessEnv;
}

export async function startLaunchWorkspace(): Promise<LaunchWorkspace> {
  const folders = new Set<string>();
  const files = new Map<string, Buffer>();
  const runs: SubmittedRun[] = [];

  const routes: Record<string, (request: RecordedRequest) => Answer> = {
    [`GET ${paths.me}`]: () => scimMe(),
    [`POST ${paths.configValidate}`]: () => ({ json: { errors: [] } }),
    [`GET ${paths.getStatus}`]: ({ query }) => {
      const path = query.get('path') ?? '';
      if (folders.has(path)) return { json: { path, object_type: 'DIRECTORY' } };
      if (files.has(path)) return { json: { path, object_type: 'FILE' } };
      return apiError(404, 'RESOURCE_DOES_NOT_EXIST', `Path (${path}) doesn't exist.`);
    },
    [`POST ${paths.mkdirs}`]: ({ json }) => {
      folders.add((json as { path: string }).path);
      return { json: {} };
    },
    'POST /api/2.0/workspace-files/import-file/*': ({ path, body }) => {
      const file = `/${decodeURIComponent(path.split('/').at(-1) ?? '')}`;
      const folder = file.slice(0, file.lastIndexOf('/'));
      if (!folders.has(folder)) return apiError(404, 'RESOURCE_DOES_NOT_EXIST', `No folder ${folder}`);
      files.set(file, body);
      return { json: {} };
    },
    [`POST ${paths.submit}`]: ({ json }) => {
      const body = json as SubmittedRun['body'];
      const token = String(body['idempotency_token']);
      let run = runs.find((known) => known.token === token);
      if (!run) {
        run = { id: String(1000 + runs.length), token, body };
        runs.push(run);
      }
      return { json: { run_id: Number(run.id) } };
    },
    [`GET ${paths.runsGet}`]: ({ query }) => {
      const run = runs.find(({ id }) => id === query.get('run_id'));
      if (!run) return apiError(400, 'INVALID_PARAMETER_VALUE', `Run ${query.get('run_id')} does not exist.`);
      return { json: { run_id: Number(run.id), tasks: run.body.tasks } };
    },
  };

  let index = 0;
  const workspace: LaunchWorkspace = {
    server: await startScriptedWorkspace(),
    folders,
    files,
    runs,
    trouble: {},
    delay: 0,
    log: [],
    get env() {
      return { DATABRICKS_HOST: this.server.url, DATABRICKS_TOKEN: 'launch-token' };
    },
  };
  workspace.server.script(
    Object.fromEntries(
      Object.entries(routes).map(([route, handle]) => [
        route,
        (request: RecordedRequest) => {
          if (workspace.log.length === 0) index = 0;
          const at = index++;
          workspace.log.push(`${request.method} ${request.path}`);
          const early = workspace.trouble.before?.(request, at);
          if (early) return early;
          const answer = handle(request);
          return { delay: workspace.delay, ...(workspace.trouble.after?.(request, at) ?? answer) };
        },
      ]),
    ),
  );
  return workspace;
}
