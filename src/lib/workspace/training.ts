import {
  paths,
  type LogPage,
  type TrainingWorkflowsPage,
  type ValidationRequest,
  type ValidationResponse,
} from './contract/index.js';
import type { Http, RequestOptions } from './http.js';

export interface LogQuery {
  /** Oldest first. */
  ascending: boolean;
  /** Seconds since the epoch. */
  from?: number;
  to?: number;
  pageToken?: string;
  pageSize?: number;
  attempt?: number;
  /** One node; without it the lines of all nodes. */
  node?: number;
}

/** The AI training service: preflight, the index of runs, live logs. */
export class Training {
  constructor(private readonly http: Http) {}

  async validate(request: ValidationRequest, options: RequestOptions = {}): Promise<ValidationResponse> {
    return this.http.post<ValidationResponse>(paths.configValidate, request, options);
  }

  async workflows(
    query: { activeOnly?: boolean; pageToken?: string },
    options: RequestOptions = {},
  ): Promise<TrainingWorkflowsPage> {
    return this.http.get(
      paths.workflows,
      { active_only: query.activeOnly || undefined, page_token: query.pageToken },
      options,
    );
  }

  async logs(runId: string, query: LogQuery, options: RequestOptions = {}): Promise<LogPage> {
    return this.http.getLarge(
      paths.workflowLogs(runId),
      {
        ascending: query.ascending,
        from: query.from,
        to: query.to,
        page_token: query.pageToken,
        page_size: query.pageSize,
        'ref.attempt_number': query.attempt,
        'filter.node_index': query.node,
      },
      options,
    );
  }
}
