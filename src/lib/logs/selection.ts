import { AirError } from '../errors.js';
import { nodeCountOf } from '../runs/nodes.js';
import { attemptNumber } from '../runs/status.js';
import type { Run } from '../workspace/index.js';

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

/** Throws INVALID_ARGS for an attempt or a node that the run does not have. */
export function checkSelection(
  run: Run,
  { attempt, nodes }: { attempt: number | 'latest' | 'first'; nodes: readonly number[] | null },
): void {
  const latest = attemptNumber(run);
  if (typeof attempt === 'number' && attempt > latest) {
    throw new AirError(
      'INVALID_ARGS',
      `The run has no attempt ${attempt}: it has ${latest === 0 ? 'attempt 0 only' : `attempts 0 to ${latest}`}.`,
    );
  }
  const count = nodeCountOf(run);
  const beyond = count === null ? undefined : nodes?.find((node) => node >= count);
  if (count !== null && beyond !== undefined) {
    throw new AirError(
      'INVALID_ARGS',
      `The run has no node ${beyond}: it has ${count === 1 ? 'node 0 only' : `nodes 0 to ${count - 1}`}.`,
    );
  }
}
