import type { WireInteger } from '../../../workspace/contract/index.js';
import type { Experiment } from '../../store/tracking-experiments.js';
import type { MetricPoint } from '../../store/tracking-values.js';
import type { TrackingRun } from '../../store/tracking-runs.js';

/** A 64-bit integer of an answer: a number while that is exact, else its digits, as proto3's JSON has it. */
export function wireInteger(value: bigint): WireInteger {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : value.toString();
}

export function wireFloat(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

export function wireMetric({ key, value, timestamp, step }: MetricPoint) {
  return { key, value: wireFloat(value), timestamp: wireInteger(timestamp), step: wireInteger(step) };
}

export function wireExperiment(experiment: Experiment) {
  return {
    experiment_id: experiment.experimentId,
    name: experiment.name,
    artifact_location: experiment.artifactLocation,
    lifecycle_stage: experiment.lifecycleStage,
    creation_time: experiment.creationTime,
    last_update_time: experiment.lastUpdateTime,
    tags: experiment.tags,
  };
}

export function wireRunInfo(run: TrackingRun) {
  return {
    run_id: run.runId,
    run_uuid: run.runId,
    run_name: run.runName,
    experiment_id: run.experimentId,
    user_id: run.userId,
    status: run.status,
    start_time: run.startTime,
    ...(run.endTime !== null && { end_time: run.endTime }),
    artifact_uri: run.artifactUri,
    lifecycle_stage: run.lifecycleStage,
  };
}

export function wireRun(run: TrackingRun) {
  return {
    info: wireRunInfo(run),
    data: { metrics: run.metrics.map(wireMetric), params: run.params, tags: run.tags },
    inputs: { dataset_inputs: run.inputs },
  };
}
