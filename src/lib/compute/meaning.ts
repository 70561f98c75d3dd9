import { acceleratorTypes, findAccelerator } from './accelerators.js';
import { maxAccelerators, meantAccelerators } from './validation.js';

/** A number of GPUs and the name of their type, for a text that says so in other words. */
export interface MeantCompute {
  readonly count: number;
  readonly type: string;
}

/**
 * What a text such as `8`, `H100`, `8xH100`, `H100:8` or `8 GPU_8xH100` asks for. Of several types it is the largest
 * node that the number fills; without a number one node of the first type, which is the smallest and the cheapest.
 */
export function meantCompute(text: string): MeantCompute | undefined {
  const exact = findAccelerator(text);
  if (exact) return { count: exact.gpusPerNode, type: exact.name };
  const { count, word } = partsOf(text);
  const types = word === undefined ? acceleratorTypes : typesOf(word);
  if (count === undefined) return types[0] && { count: types[0].gpusPerNode, type: types[0].name };
  if (count < 1 || count > maxAccelerators) return undefined;
  const [fitting] = types
    .filter(({ gpusPerNode }) => count % gpusPerNode === 0)
    .sort((a, b) => b.gpusPerNode - a.gpusPerNode);
  return fitting && { count, type: fitting.name };
}

function typesOf(word: string) {
  const exact = findAccelerator(word);
  const names = exact ? [exact.name] : meantAccelerators(word);
  return names.flatMap((name) => findAccelerator(name) ?? []);
}

/** The number and the word of `8 x H100` or `H100:8`, or the one of them that is there. */
function partsOf(text: string): { count?: number; word?: string } {
  const [, before, after] = /^(\d+)(?:\s*[x*]\s*|\s+)?([a-z].*)?$/i.exec(text.trim()) ?? [];
  if (before !== undefined) return { count: Number(before), ...(after === undefined ? {} : { word: after }) };
  const [, word, count] = /^(.*?)(?:\s*[:*]\s*|\s+x?\s*)(\d+)$/i.exec(text.trim()) ?? [];
  return word === undefined ? { word: text } : { word, count: Number(count) };
}
