import { open } from 'node:fs/promises';
import { setImmediate as turn } from 'node:timers/promises';
import type { NodeFile, Piece } from './node-file.js';

const blockSize = 256 * 1024;
const newline = 0x0a;

/**
 * Writes the lines of several nodes into one file, each with its node before it: in order of time where their
 * pieces are lines, else node after node.
 */
export async function mergeNodes(
  path: string,
  files: readonly NodeFile[],
  byTime: boolean,
  signal: AbortSignal,
): Promise<void> {
  const handle = await open(path, 'w');
  try {
    let block: Buffer[] = [];
    let size = 0;
    for (const { node, bytes } of byTime ? piecesByTime(files) : piecesByNode(files)) {
      const text = prefixed(bytes, Buffer.from(`[node ${node}] `));
      block.push(text);
      size += text.length;
      if (size < blockSize) continue;
      await handle.write(Buffer.concat(block));
      await turn();
      signal.throwIfAborted();
      block = [];
      size = 0;
    }
    await handle.write(Buffer.concat(block));
  } finally {
    await handle.close();
  }
}

function* piecesByNode(files: readonly NodeFile[]): Generator<Piece & { node: number }> {
  for (const file of files) for (const piece of file.pieces()) yield { node: file.node, ...piece };
}

function* piecesByTime(files: readonly NodeFile[]): Generator<Piece & { node: number }> {
  const heads = files.flatMap((file) => {
    const pieces = file.pieces();
    const first = pieces.next();
    return first.done ? [] : [{ node: file.node, pieces, piece: first.value }];
  });
  while (heads.length > 0) {
    let least = 0;
    for (let each = 1; each < heads.length; each++) {
      if ((heads[each]?.piece.at ?? 0n) < (heads[least]?.piece.at ?? 0n)) least = each;
    }
    const head = heads[least];
    if (!head) return;
    yield { node: head.node, ...head.piece };
    const next = head.pieces.next();
    if (next.done) heads.splice(least, 1);
    else head.piece = next.value;
  }
}

/** Every line of a piece with the prefix before it, and a line end behind the last. */
function prefixed(bytes: Buffer, prefix: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let start = 0; start < bytes.length;) {
    const found = bytes.indexOf(newline, start);
    const end = found === -1 ? bytes.length : found + 1;
    parts.push(prefix, bytes.subarray(start, end));
    if (found === -1) parts.push(Buffer.of(newline));
    start = end;
  }
  return Buffer.concat(parts);
}
