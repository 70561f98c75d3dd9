import { posix } from 'node:path';
import { shellWord } from '../../shell-word.js';
import { renderBytes } from '../../size.js';
import type { SnapshotEntry } from './fingerprint.js';
import type { WeighedPath } from './weight.js';

/** Bytes from which code is more than code: data, checkpoints and environments have got in. */
const large = 50_000_000;
const placesNamed = 3;
/** Bytes from which a place is worth leaving out. Lighter ones may well be the code itself. */
const heavy = 5_000_000;
const linksNamed = 3;

/** The warning of a large snapshot: where the bytes are, and the command that leaves the heavy places out. */
export function sizeWarning(
  root: string,
  files: number,
  bytes: number,
  largest: readonly WeighedPath[],
): string[] {
  if (bytes < large) return [];
  const size = `The code is ${renderBytes(bytes)} in ${files} ${files === 1 ? 'file' : 'files'}`;
  const places = largest.filter((place) => place.bytes >= heavy).slice(0, placesNamed);
  if (places.length === 0) return [`${size}, none of its folders being large.`];
  const named = places.map((place) => `${place.path} (${renderBytes(place.bytes)})`).join(', ');
  const rules = places.map(({ path }) => shellWord(`/${path.replace(/[\\*?[\]]/g, '\\$&')}`)).join(' ');
  const ignoreFile = shellWord(`${root}/.airignore`);
  return [`${size}; most of it: ${named}. To leave that out: printf '%s\\n' ${rules} >> ${ignoreFile}`];
}

/** The warning of links whose target is not shipped with them. */
export function leavingLinks(entries: readonly SnapshotEntry[]): string[] {
  const leaving = entries.filter((entry) => entry.type === 'link' && leavesRoot(entry.path, entry.target));
  if (leaving.length === 0) return [];
  const named = leaving.slice(0, linksNamed).map(({ path }) => path);
  const more = leaving.length > linksNamed ? `, and ${leaving.length - linksNamed} more` : '';
  return [
    `Symbolic links that point out of the shipped folder arrive as links, without what they point to: ` +
      `${named.join(', ')}${more}.`,
  ];
}

function leavesRoot(path: string, target: string): boolean {
  if (posix.isAbsolute(target)) return true;
  const end = posix.join(posix.dirname(path), target);
  return end === '..' || end.startsWith('../');
}
