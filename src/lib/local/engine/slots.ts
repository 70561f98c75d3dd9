/** What a run takes of the machine: some GPUs, or one of the places on the CPU. */
export type Claim = { kind: 'gpu'; gpus: number[] } | { kind: 'cpu' };

/** The machine's GPUs and CPU places, and who has them. */
export class Slots {
  private readonly owners = new Map<string, Claim>();

  /** GPUs by the index that the driver gives them. */
  constructor(
    readonly gpus: readonly number[],
    readonly cpuRuns: number,
  ) {}

  /** Whether the machine could ever hold so many GPUs; a run that it cannot hold runs on the CPU. */
  usesGpus(count: number): boolean {
    return count <= this.gpus.length;
  }

  /** Takes what a run of so many GPUs needs; undefined while it is not free. */
  take(runId: string, gpuCount: number): Claim | undefined {
    const claims = [...this.owners.values()];
    let claim: Claim;
    if (this.usesGpus(gpuCount)) {
      const taken = new Set(claims.flatMap((other) => (other.kind === 'gpu' ? other.gpus : [])));
      const free = this.gpus.filter((gpu) => !taken.has(gpu));
      if (free.length < gpuCount) return undefined;
      claim = { kind: 'gpu', gpus: free.slice(0, gpuCount) };
    } else {
      if (claims.filter((other) => other.kind === 'cpu').length >= this.cpuRuns) return undefined;
      claim = { kind: 'cpu' };
    }
    this.owners.set(runId, claim);
    return claim;
  }

  /** Notes what an adopted run has had since before. */
  restore(runId: string, gpus: readonly number[]): void {
    this.owners.set(runId, gpus.length > 0 ? { kind: 'gpu', gpus: [...gpus] } : { kind: 'cpu' });
  }

  release(runId: string): void {
    this.owners.delete(runId);
  }
}
