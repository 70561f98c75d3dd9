/** The part of MLflow tracking that runs need: each attempt is an MLflow run of the workload's experiment. */
export interface Experiments {
  /** The experiment's id; made if there is none of this name. */
  ensureExperiment(name: string): string;
  createRun(run: {
    experimentId: string;
    runName: string;
    userId: string;
    /** Milliseconds since the epoch. */
    startTime: number;
    tags: readonly { key: string; value: string }[];
  }): string;
  finishRun(runId: string, status: 'FINISHED' | 'FAILED' | 'KILLED', endTime: number): void;
}
