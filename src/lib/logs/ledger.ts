import { digestOf } from './digest.js';

const longestRing = 65_536;
const anchorLength = 8;

/**
 * Keeps two sources of the same node's lines in step, so that changing from one to the other loses and
 * repeats nothing. A line counts as printed when either source has brought it: of each text as many are
 * printed as the source that brought more of them. Memory is bounded: what one source is ahead by more than
 * 65,536 lines is skipped by count in the other.
 */
export class Ledger {
  private readonly nodes = new Map<number, NodeLedger>();
  private whole = true;

  /** The service began with a tail or at some time, so the files hold older lines than were asked for. */
  beganInMidLog(): void {
    this.whole = false;
  }

  /** Whether a line brought by the log service is to be printed. */
  fromService(node: number, body: string): boolean {
    return this.of(node).fromService(digestOf(body));
  }

  /** Whether a line read from a stored file is to be printed. */
  fromFile(node: number, body: string): boolean {
    return this.of(node).fromFile(digestOf(body), this.whole);
  }

  private of(node: number): NodeLedger {
    let ledger = this.nodes.get(node);
    if (!ledger) this.nodes.set(node, (ledger = new NodeLedger()));
    return ledger;
  }
}

class NodeLedger {
  /** Digests of what only the service brought so far, oldest first from `ringStart`. */
  private ring = new Float64Array(256);
  private ringStart = 0;
  private ringLength = 0;
  /** The ring, counted by digest, while files are being read. */
  private counted: Map<number, number> | undefined;
  /** Lines that fell out of the ring: as many lines of the file are skipped. */
  private forgotten = 0;
  /** The first digests of the service, by which its beginning is found in the file. */
  private readonly anchor: number[] = [];
  private anchored = false;
  private window: number[] = [];
  /** Digests of what only the files brought so far. */
  private readonly filesAhead = new Map<number, number>();

  fromService(digest: number): boolean {
    if (take(this.filesAhead, digest)) return false;
    if (this.anchor.length < anchorLength) this.anchor.push(digest);
    if (this.counted) put(this.counted, digest);
    else this.push(digest);
    return true;
  }

  fromFile(digest: number, whole: boolean): boolean {
    if (!whole && !this.anchored && this.anchor.length > 0) return this.seekAnchor(digest);
    return this.compareFromFile(digest);
  }

  private compareFromFile(digest: number): boolean {
    if (this.forgotten > 0) {
      this.forgotten--;
      return false;
    }
    if (take(this.countRing(), digest)) return false;
    put(this.filesAhead, digest);
    if (this.filesAhead.size > longestRing) {
      for (const oldest of this.filesAhead.keys()) {
        this.filesAhead.delete(oldest);
        break;
      }
    }
    return true;
  }

  /** Lines of the file before the service's first ones are older than what was asked for. */
  private seekAnchor(digest: number): boolean {
    this.window.push(digest);
    if (this.window.length > this.anchor.length) this.window.shift();
    const found =
      this.window.length === this.anchor.length &&
      this.anchor.every((wanted, index) => wanted === this.window[index]);
    if (found) {
      this.anchored = true;
      for (const passed of this.window) this.compareFromFile(passed);
      this.window = [];
    }
    return false;
  }

  private push(digest: number): void {
    if (this.ringLength === this.ring.length) {
      if (this.ring.length < longestRing) this.growRing();
      else {
        this.ringStart = (this.ringStart + 1) % this.ring.length;
        this.ringLength--;
        this.forgotten++;
      }
    }
    this.ring[(this.ringStart + this.ringLength++) % this.ring.length] = digest;
  }

  private growRing(): void {
    const grown = new Float64Array(this.ring.length * 2);
    for (let index = 0; index < this.ringLength; index++) grown[index] = this.at(index);
    this.ring = grown;
    this.ringStart = 0;
  }

  private at(index: number): number {
    return this.ring[(this.ringStart + index) % this.ring.length] ?? 0;
  }

  private countRing(): Map<number, number> {
    if (!this.counted) {
      this.counted = new Map();
      for (let index = 0; index < this.ringLength; index++) put(this.counted, this.at(index));
      this.ringLength = 0;
    }
    return this.counted;
  }
}

function put(counts: Map<number, number>, digest: number): void {
  counts.set(digest, (counts.get(digest) ?? 0) + 1);
}

function take(counts: Map<number, number>, digest: number): boolean {
  const count = counts.get(digest);
  if (count === undefined) return false;
  if (count === 1) counts.delete(digest);
  else counts.set(digest, count - 1);
  return true;
}
