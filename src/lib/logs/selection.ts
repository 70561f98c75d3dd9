import { AirError } from '../errors.js';

const highestNode = 1023;

/** The nodes that a list such as `0,3-5` names, in order and once each. Throws INVALID_ARGS. */
export function parseNodes(text: string): number[] {
  const nodes = new Set<number>();
  for (const part of text.split(',')) {
    const match = /^\s*(\d{1,4})(?:\s*-\s*(\d{1,4}))?\s*$/.exec(part);
    const first = Number(match?.[1]);
    const last = Number(match?.[2] ?? match?.[1]);
    if (!match || first > last || last > highestNode) {
      throw new AirError('INVALID_ARGS', `${JSON.stringify(text)} names no nodes.`, {
        hint: 'Nodes count from 0 and are named one by one or as a range: --node 0,3-5',
      });
    }
    for (let node = first; node <= last; node++) nodes.add(node);
  }
  return [...nodes].sort((a, b) => a - b);
}
