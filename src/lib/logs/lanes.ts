import type { LogPage, LogRecord } from '../workspace/index.js';
import type { LogLine } from './line.js';

/** One series of requests: the lines of one node, or of all nodes together. */
export interface Lane {
  readonly node: number | undefined;
  /** Whether a pass is under way: its next page is asked with `token`. */
  inPass: boolean;
  token: string | undefined;
  /** The answer to the next page, asked for before it is needed. */
  ahead: Promise<LogPage> | undefined;
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
  /** Whether a question about all nodes was answered. */
  private triedTogether = false;
  private silent = 0;
  active: readonly Lane[];

  /** `nodes` are the wanted ones, null for all; `nodeCount` is null when unknown. */
  constructor(nodes: readonly number[] | null, nodeCount: number | null) {
    this.together = newLane(nodes?.length === 1 ? nodes[0] : undefined);
    const all = nodes ?? Array.from({ length: nodeCount ?? 1 }, (_, node) => node);
    this.apart = all.length > 1 ? all.map(newLane) : [];
    this.active = [this.together];
  }

  /** Takes note of the nodes that an answer names. */
  saw(lane: Lane, records: readonly LogRecord[]): void {
    this.triedTogether ||= lane === this.together;
    let noted: number | undefined;
    for (const { node_index: node = lane.node ?? 0 } of records) {
      if (node === noted) continue;
      noted = node;
      this.named.add(node);
      if (lane === this.together) this.namedTogether.add(node);
    }
  }

  /** Whether pages of the pass are left. */
  get inPass(): boolean {
    return this.active.some((lane) => lane.inPass);
  }

  get areApart(): boolean {
    return this.active.length > 1;
  }

  /** Whether all are asked about together, and the answers so far may be those of one node only. */
  get mayHideNodes(): boolean {
    return !this.areApart && this.apart.length > 1 && this.namedTogether.size < 2;
  }

  /** The lanes of the nodes that no answer has named. */
  get unnamed(): readonly Lane[] {
    return this.apart.filter(({ node }) => node !== undefined && !this.named.has(node));
  }

  /** Chooses who is asked in the next pass. `thorough` leaves no node out, `again` may try all together. */
  choose(thorough: boolean, again: boolean): void {
    this.active = this.mustBeApart(thorough, again) ? this.apart : [this.together];
  }

  private mustBeApart(thorough: boolean, again: boolean): boolean {
    if (this.apart.length < 2 || this.namedTogether.size > 1) return false;
    if (thorough) return this.triedTogether;
    if (this.named.size === 0) return ++this.silent % silentPasses === 0;
    return this.named.size === 1 || !again;
  }
}

function newLane(node: number | undefined): Lane {
  return {
    node,
    inPass: false,
    token: undefined,
    ahead: undefined,
    start: undefined,
    reached: null,
    highest: null,
    waiting: [],
  };
}
