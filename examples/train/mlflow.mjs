/** Logs to the MLflow run that the platform opened for this attempt; does nothing where there is none. */
export class Mlflow {
  constructor({ MLFLOW_TRACKING_URI, MLFLOW_TRACKING_TOKEN, MLFLOW_RUN_ID }) {
    this.address = MLFLOW_TRACKING_URI?.startsWith('http') ? MLFLOW_TRACKING_URI : undefined;
    this.token = MLFLOW_TRACKING_TOKEN;
    this.runId = MLFLOW_RUN_ID;
  }

  async logParameters(parameters) {
    const params = Object.entries(parameters).map(([key, value]) => ({ key, value: String(value) }));
    await this.logBatch({ params });
  }

  async logMetrics(values, step) {
    const timestamp = Date.now();
    const metrics = Object.entries(values).map(([key, value]) => ({ key, value, timestamp, step }));
    await this.logBatch({ metrics });
  }

  async logBatch(batch) {
    if (this.address === undefined || this.runId === undefined) return;
    const answer = await fetch(`${this.address}/api/2.0/mlflow/runs/log-batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${this.token}` },
      body: JSON.stringify({ run_id: this.runId, ...batch }),
    });
    if (!answer.ok) throw new Error(`MLflow answered ${answer.status}: ${await answer.text()}`);
  }
}
