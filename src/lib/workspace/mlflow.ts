import {
  paths,
  type MlflowArtifactsPage,
  type MlflowCredential,
  type MlflowExperiment,
  type MlflowMetric,
  type MlflowRun,
} from './contract/index.js';
import { ApiError, type Http, type RequestOptions } from './http.js';

/** The MLflow tracking API, version 2.0, as far as this program reads it. */
export class Mlflow {
  constructor(private readonly http: Http) {}

  async run(runId: string, options: RequestOptions = {}): Promise<MlflowRun> {
    return (
      (await this.http.get<{ run?: MlflowRun }>(paths.mlflowRunGet, { run_id: runId }, options)).run ?? {}
    );
  }

  /** The experiment of this name; null when there is none. */
  async experimentByName(name: string, options: RequestOptions = {}): Promise<MlflowExperiment | null> {
    try {
      const answer = await this.http.get<{ experiment?: MlflowExperiment }>(
        paths.mlflowExperimentByName,
        { experiment_name: name },
        options,
      );
      return answer.experiment ?? null;
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return null;
      throw error;
    }
  }

  /** Every logged point of one metric, all pages. */
  async metricHistory(runId: string, key: string, options: RequestOptions = {}): Promise<MlflowMetric[]> {
    const points: MlflowMetric[] = [];
    const seen = new Set<string>();
    let token: string | undefined;
    do {
      const page: { metrics?: MlflowMetric[]; next_page_token?: string } = await this.http.get(
        paths.mlflowMetricHistory,
        { run_id: runId, metric_key: key, page_token: token },
        options,
      );
      points.push(...(page.metrics ?? []));
      token = page.next_page_token;
      if (token !== undefined && seen.has(token)) break;
      if (token !== undefined) seen.add(token);
    } while (token);
    return points;
  }

  async artifacts(
    runId: string,
    path: string,
    pageToken?: string,
    options: RequestOptions = {},
  ): Promise<MlflowArtifactsPage> {
    return this.http.get(paths.mlflowArtifacts, { run_id: runId, path, page_token: pageToken }, options);
  }

  /** Where and how to read an artifact's bytes: a signed address, asked without the workspace's token. */
  async readCredential(
    runId: string,
    path: string,
    options: RequestOptions = {},
  ): Promise<MlflowCredential | undefined> {
    const answer = await this.http.get<{ credential_infos?: MlflowCredential[] }>(
      paths.mlflowCredentialsForRead,
      { run_id: runId, path },
      options,
    );
    return answer.credential_infos?.[0];
  }
}
