import type { MlflowMetric, MlflowRun } from '../workspace/contract/index.js';

/** How far a running training is, as its MLflow run lets us guess. */
export interface Progress {
  readonly remainingSeconds: number;
  /** 0 to 99: a run that goes on is never at 100. */
  readonly percentComplete: number;
}

/** The metric that training code logs over and over: its step is the global step, its value the epoch. */
export const progressMetric = 'epoch';

const recentPoints = 10;
/** Below this many steps the rate is still that of warming up. */
const firstMeaningfulStep = 10;

/**
 * Progress and remaining time from the recent rate. The total is the parameter `max_steps`, else
 * `num_train_epochs`; without a positive one, or with a training that does not advance, there is no estimate.
 */
export function estimateProgress(run: MlflowRun, history: readonly MlflowMetric[]): Progress | null {
  const points = history
    .map((point) => ({
      at: Number(point.timestamp ?? 0),
      step: Number(point.step ?? 0),
      epoch: point.value,
    }))
    .sort((a, b) => a.at - b.at)
    .slice(-recentPoints);
  const first = points[0];
  const last = points.at(-1);
  if (first === undefined || last === undefined || points.length < 2) return null;
  if (last.step < firstMeaningfulStep) return null;
  const elapsed = (last.at - first.at) / 1000;
  const maxSteps = positiveParameter(run, 'max_steps');
  if (maxSteps !== null) return estimate(first.step, last.step, maxSteps, elapsed);
  const epochs = positiveParameter(run, 'num_train_epochs');
  return epochs === null ? null : estimate(first.epoch, last.epoch, epochs, elapsed);
}

function estimate(from: number, current: number, total: number, elapsed: number): Progress | null {
  const advanced = current - from;
  if (!(elapsed > 0) || !(advanced > 0) || !(current > 0) || current >= total) return null;
  return {
    remainingSeconds: Math.round(((total - current) * elapsed) / advanced),
    percentComplete: Math.min(99, Math.round((current / total) * 100)),
  };
}

function positiveParameter(run: MlflowRun, name: string): number | null {
  const text = run.data?.params?.find((parameter) => parameter.key === name)?.value?.trim();
  const value = text ? Number(text) : Number.NaN;
  return Number.isFinite(value) && value > 0 ? value : null;
}
