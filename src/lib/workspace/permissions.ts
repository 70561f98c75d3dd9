import { paths, type AccessControl } from './contract/index.js';
import type { Http, RequestOptions } from './http.js';

/** Who may see and change what a run leaves behind. */
export class Permissions {
  constructor(private readonly http: Http) {}

  /** Adds entries to those of an MLflow experiment. Adding twice is adding once. */
  async shareExperiment(
    experimentId: string,
    entries: readonly AccessControl[],
    options: RequestOptions = {},
  ): Promise<void> {
    await this.http.request('PATCH', paths.experimentPermissions(experimentId), {
      json: { access_control_list: entries },
      ...options,
    });
  }
}
