import type { FileStore, StoredEntry } from './store.js';

export interface Chunk {
  readonly index: number;
  readonly path: string;
  /** Bytes; null when unknown. */
  readonly size: number | null;
}

const nodeFolder = /^node_(\d+)$/;
const chunkFile = /^logs-(\d+)\.chunk\.txt$/;

/** Where an attempt's logs lie: `logs/attempt_N`, or `logs` in the older layout; null while there is nothing. */
export async function logFolder(store: FileStore, attempt: number): Promise<string | null> {
  const entries = await store.list('logs');
  if (entries.some(({ name }) => name === `attempt_${attempt}`)) return `logs/attempt_${attempt}`;
  return entries.some(({ name }) => nodeFolder.test(name)) ? 'logs' : null;
}

/** The nodes that have a folder there, in order. */
export async function nodesIn(store: FileStore, folder: string): Promise<number[]> {
  return numbersOf(await store.list(folder), nodeFolder).map(([node]) => node);
}

/** A node's chunks, oldest first. */
export async function chunksOf(store: FileStore, folder: string, node: number): Promise<Chunk[]> {
  const place = `${folder}/node_${node}`;
  return numbersOf(await store.list(place), chunkFile).map(([index, { name, size }]) => ({
    index,
    path: `${place}/${name}`,
    size,
  }));
}

function numbersOf(entries: readonly StoredEntry[], pattern: RegExp): [number, StoredEntry][] {
  return entries
    .flatMap((entry): [number, StoredEntry][] => {
      const number = pattern.exec(entry.name)?.[1];
      return number === undefined ? [] : [[Number(number), entry]];
    })
    .sort(([a], [b]) => a - b);
}
