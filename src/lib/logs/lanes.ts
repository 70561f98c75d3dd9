import type { LogLine } from './line.js';

/** One series of requests: the lines of one node, or of all nodes together. */
export interface Lane {
  readonly node: number | undefined;
  /** Whether a pass is under way: its next page is asked with `token`. */
  inPass: boolean;
  token: string | undefined;
  /** Seconds since the epoch at which the pass began to read. */
  start: number | undefined;
  /** The latest time of the last page of this pass. */
  reached: string | null;
  /** The latest time ever seen. */
  highest: string | null;
  /** Lines that wait until the other lanes have reached their time. */
  waiting: LogLine[];
}

/** A silent run is asked node by node once in so many passes. */
const silentPasses = 10;

/**
 * Decides whether the nodes are asked about together or one by one. A log service may answer a question about
 * all nodes with one node only; it is asked node by node until an answer about all nodes names two.
 */
export class Lanes {
  private readonly together: Lane;
  private readonly apart: readonly Lane[];
  private readonly named = new Set<number>();
  private readonly namedTogether = new Set<number>();
  private silent = 0;
  active: readonly Lane[];

  /** `nodes` are the wanted ones, null for all; `nodeCount` is null when unknown. */
  constructor(nodes: readonly number[] | null, nodeCount: number | null) {
    this.together = newLane(nodes?.length === 1 ? nodes[0] : undefined);
    const all = nodes ?? Array.from({ length: nodeCount ?? 1 }, (_, node) => node);
    this.apart = all.length > 1 ? all.map(newLane) : [];
    this.active = [this.together];
  }

  /** Takes note of the node that an answer names. */
  saw(lane: Lane, node: number): void {
    this.named.add(node);
    if (lane === this.together) this.namedTogether.add(node);
  }

  get areApart(): boolean {
    return this.active.length > 1;
  }

  /** Chooses who is asked in the next pass. `thorough` leaves no node out, `again` may try all together. */
  choose(thorough: boolean, again: boolean): void {
    this.active = this.mustBeApart(thorough, again) ? this.apart : [this.together];
  }

  private mustBeApart(thorough: boolean, again: boolean): boolean {
    if (this.apart.length < 2 || this.namedTogether.size > 1) return false;
    if (thorough) return true;
    if (this.named.size === 0) return ++this.silent % silentPasses === 0;
    return this.named.size === 1 || !again;
  }
}

function newLane(node: number | undefined): Lane {
  return {
    node,
    inPass: false,
    token: undefined,
    start: undefined,
    reached: null,
    highest: null,
    waiting: [],
  };
}
