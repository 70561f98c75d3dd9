import type { Node } from './nodes.js';

/** Characters that aliases may add to a text when they are written out. */
const mostExpanded = 4 * 1024 * 1024;

/** What an alias stands for. */
interface Anchored {
  readonly node: Node;
  /** Characters of the node when every alias in it is written out. */
  readonly weight: number;
}

/** Why an alias stands for nothing. */
interface Refusal {
  readonly message: string;
  readonly hint?: string;
}

/** The anchors of a text as they are read, and how much their aliases stand for. */
export class Anchors {
  private readonly byName = new Map<string, Anchored & { readonly isOpen: boolean }>();
  private expanded = 0;

  /** Whether the aliases stand for more than can be handled: nothing of the text can be used then. */
  get isExhausted(): boolean {
    return this.expanded > mostExpanded;
  }

  /** The beginning of a list or a map. */
  open(node: Node): void {
    if (node.anchor !== undefined) this.byName.set(node.anchor, { node, weight: 0, isOpen: true });
  }

  /** The end of what was opened; its name stands for something else if that was given anew inside. */
  close(node: Node, weight: number): void {
    if (node.anchor !== undefined && this.byName.get(node.anchor)?.node === node) this.add(node, weight);
  }

  /** A value that is read as a whole. */
  add(node: Node, weight: number): void {
    if (node.anchor !== undefined) this.byName.set(node.anchor, { node, weight, isOpen: false });
  }

  resolve(name: string): Anchored | Refusal {
    const found = this.byName.get(name);
    if (found === undefined) {
      return {
        message: `*${name} refers to an anchor &${name} that is nowhere before it.`,
        hint: `For text that begins with a star, write: "*${name}"`,
      };
    }
    if (found.isOpen)
      return { message: `*${name} stands inside of &${name}: a value cannot contain itself.` };
    this.expanded += found.weight;
    if (!this.isExhausted) return found;
    return {
      message: `The aliases of this text stand for more than ${mostExpanded / 1024 / 1024} Mi characters.`,
      hint: 'Write smaller values, or fewer aliases.',
    };
  }
}
