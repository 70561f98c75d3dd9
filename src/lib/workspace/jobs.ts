import { AirError } from '../errors.js';
import {
  paths,
  type Run,
  type RunOutput,
  type RunsPage,
  type SubmitRequest,
  type SubmitResponse,
} from './contract/index.js';
import { ApiError, type Http, type RequestOptions } from './http.js';
import { JsonInteger } from './json.js';
import { targetFlags } from './target-flags.js';
import type { Target } from './target.js';

export interface RunsListQuery {
  activeOnly?: boolean;
  completedOnly?: boolean;
  expandTasks?: boolean;
  /** At most 25. */
  limit?: number;
  pageToken?: string;
  /** Milliseconds since the epoch. */
  startTimeFrom?: number;
  startTimeTo?: number;
}

/** Runs of the Jobs API, version 2.2. Run ids are decimal text. */
export class Jobs {
  constructor(private readonly http: Http) {}

  /** The id of the run; the same one again for a token that the workspace knows. */
  async submit(request: SubmitRequest, options: RequestOptions = {}): Promise<string> {
    const answer = await this.http.post<SubmitResponse>(paths.submit, request, { retry: 'safe', ...options });
    return String(answer.run_id);
  }

  /** The whole run: pages of its tasks, or of its iterations, are joined. */
  async get(runId: string, options: RequestOptions = {}): Promise<Run> {
    const first = await this.getPage(runId, undefined, options);
    const run = { ...first };
    const field = (first.iterations?.length ?? 0) > 0 ? 'iterations' : 'tasks';
    const seen = new Set<string>();
    let token = first.next_page_token;
    while (token && !seen.has(token)) {
      seen.add(token);
      const page = await this.getPage(runId, token, options);
      run[field] = [...(run[field] ?? []), ...(page[field] ?? [])];
      token = page.next_page_token;
    }
    delete run.next_page_token;
    return run;
  }

  /** What a task's run produced. The id is that of the task's run, not of the job run. */
  async getOutput(taskRunId: string, options: RequestOptions = {}): Promise<RunOutput> {
    return this.http.get<RunOutput>(paths.runsGetOutput, { run_id: taskRunId }, options);
  }

  async list(query: RunsListQuery, options: RequestOptions = {}): Promise<RunsPage> {
    return this.http.get<RunsPage>(
      paths.runsList,
      {
        active_only: query.activeOnly,
        completed_only: query.completedOnly,
        expand_tasks: query.expandTasks,
        limit: query.limit,
        page_token: query.pageToken,
        run_type: 'SUBMIT_RUN',
        start_time_from: query.startTimeFrom,
        start_time_to: query.startTimeTo,
      },
      options,
    );
  }

  /** Asks for cancellation; the run ends some time later. A finished run is left as it is. */
  async cancel(runId: string, options: RequestOptions = {}): Promise<void> {
    try {
      await this.http.post(
        paths.runsCancel,
        { run_id: new JsonInteger(runId) },
        { retry: 'safe', ...options },
      );
    } catch (error) {
      throw isUnknownRun(error) ? unknownRun(runId, this.http.target, error) : error;
    }
  }

  private async getPage(runId: string, token: string | undefined, options: RequestOptions): Promise<Run> {
    try {
      return await this.http.get<Run>(paths.runsGet, { run_id: runId, page_token: token }, options);
    } catch (error) {
      throw isUnknownRun(error) ? unknownRun(runId, this.http.target, error) : error;
    }
  }
}

/** The Jobs API says "no such run" with status 400 and words; 404 means the same. */
function isUnknownRun(error: unknown): boolean {
  if (!(error instanceof ApiError)) return false;
  if (error.status === 404) return true;
  return (
    error.status === 400 &&
    error.errorCode === 'INVALID_PARAMETER_VALUE' &&
    /Run .*(does not exist|in job: .* doesn't exist)/.test(error.message)
  );
}

function unknownRun(runId: string, target: Target, cause: unknown): AirError {
  return new AirError('NOT_FOUND', `There is no run ${runId} in this workspace.`, {
    hint: `Check the id (it is the job run id that "air run" printed) and the workspace: air list --all-status${targetFlags(target)}`,
    cause,
  });
}
