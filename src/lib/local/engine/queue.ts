import type { RunRecord } from '../store/job-records.js';
import type { JobStore } from '../store/jobs.js';
import type { Claim, Slots } from './slots.js';

/** The runs that wait for a place on the machine: first in, first out, GPU runs and CPU runs each for themselves. */
export class RunQueue {
  constructor(
    private readonly jobs: JobStore,
    private readonly slots: Slots,
  ) {}

  /** Takes a place for one run after another, until the next of either kind finds none. */
  *startable(): Generator<{ run: RunRecord; claim: Claim }> {
    const blocked = new Set<string>();
    for (const run of this.waiting()) {
      const kind = this.kindOf(run);
      if (blocked.has(kind)) continue;
      const claim = this.slots.take(run.runId, gpuCount(run));
      if (claim) yield { run, claim };
      else blocked.add(kind);
    }
  }

  /** Where a run stands among those that wait for the same, from 1; 0 when it waits no longer. */
  placeOf(run: RunRecord): { place: number; kind: 'gpu' | 'cpu'; gpus: number } {
    const kind = this.kindOf(run);
    const rivals = this.waiting().filter((other) => this.kindOf(other) === kind);
    const place = rivals.findIndex((other) => other.runId === run.runId) + 1;
    return { place, kind, gpus: gpuCount(run) };
  }

  private waiting(): RunRecord[] {
    return this.jobs.activeRuns().filter((run) => run.lifeCycle === 'PENDING');
  }

  private kindOf(run: RunRecord): 'gpu' | 'cpu' {
    return this.slots.usesGpus(gpuCount(run)) ? 'gpu' : 'cpu';
  }
}

function gpuCount(run: RunRecord): number {
  return run.request.tasks[0]?.ai_runtime_task.deployments?.[0]?.compute?.accelerator_count ?? 0;
}
