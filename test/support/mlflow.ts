import type { Answer, ScratchWorkspace } from './local-workspace.js';

export interface WireMetric {
  key: string;
  value: number | string;
  timestamp: number | string;
  step: number | string;
}

export interface WireRun {
  info: Record<string, string | number>;
  data: { metrics: WireMetric[]; params: WirePair[]; tags: WirePair[] };
  inputs: { dataset_inputs: unknown[] };
}

export interface WirePair {
  key: string;
  value: string;
}

/** What the MLflow calls of these tests answer, all in one: each test reads its own part. */
export interface MlflowBody {
  error_code: string;
  message: string;
  experiment_id: string;
  experiment: Record<string, unknown>;
  experiments: Record<string, unknown>[];
  run: WireRun;
  runs: WireRun[];
  metrics: (WireMetric & { run_id?: string })[];
  root_uri: string;
  files: { path: string; is_dir: boolean; file_size?: number }[];
  credential_infos: { path: string; signed_uri: string; run_id: string }[];
  next_page_token?: string;
}

/** The MLflow calls of a local workspace, as any client makes them. */
export class MlflowApi {
  constructor(private readonly workspace: ScratchWorkspace) {}

  get(call: string, query: Record<string, string> | [string, string][] = {}): Promise<Answer<MlflowBody>> {
    return this.workspace.request('GET', `/api/2.0/mlflow/${call}?${new URLSearchParams(query).toString()}`);
  }

  post(call: string, body: unknown): Promise<Answer<MlflowBody>> {
    return this.workspace.request('POST', `/api/2.0/mlflow/${call}`, body);
  }

  /** The id of a new experiment with a name of its own. */
  async experiment(): Promise<string> {
    const name = `/tests/${Math.random().toString(36).slice(2)}`;
    return (await this.post('experiments/create', { name })).body.experiment_id;
  }

  /** The id of a new run, in a new experiment unless told. */
  async newRun(fields: Record<string, unknown> = {}): Promise<string> {
    const experiment_id = fields['experiment_id'] ?? (await this.experiment());
    const { body } = await this.post('runs/create', { experiment_id, ...fields });
    return String(body.run.info['run_id']);
  }

  async run(run_id: string): Promise<WireRun> {
    return (await this.get('runs/get', { run_id })).body.run;
  }

  /** A series' points, all pages of them. */
  async history(
    run_id: string,
    metric_key: string,
    most: number,
  ): Promise<{ points: WireMetric[]; pages: number }> {
    const points: WireMetric[] = [];
    let page_token = '';
    for (let pages = 1; ; pages++) {
      const { body } = await this.get('metrics/get-history', {
        ...{ run_id, metric_key, page_token },
        max_results: String(most),
      });
      points.push(...body.metrics);
      if (!body.next_page_token) return { points, pages };
      page_token = body.next_page_token;
    }
  }
}
