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
const credentialsNamed = 3;
/** Files that hold keys and passwords, as an ignore file names them. */
const credentialFiles = [
  '.env',
  '*.pem',
  'id_rsa',
  'id_ed25519',
  '.netrc',
  'credentials.json',
  '.databrickscfg',
];

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

/**
 * The warning of files that usually hold credentials, by their names alone; example files, such as `.env.example`, are
 * none of them. A commit ships as it is, so only of the files on disk it names the command that keeps them here.
 */
export function credentialsWarning(
  root: string,
  files: readonly { path: string }[],
  shipped: 'files' | 'commit',
): string[] {
  const found = files.flatMap(({ path }) => {
    const rule = credentialFiles.find((name) => matches(posix.basename(path), name));
    return rule === undefined ? [] : [{ path, rule }];
  });
  if (found.length === 0) return [];
  const many = found.length > 1;
  const named = found.slice(0, credentialsNamed).map(({ path }) => path);
  const more = found.length > credentialsNamed ? `, and ${found.length - credentialsNamed} more` : '';
  const travel = `${named.join(', ')}${more} ${many ? 'travel' : 'travels'} with the code`;
  if (shipped === 'commit') return [`${travel}: ${many ? 'they are' : 'it is'} part of the commit.`];
  const rules = [...new Set(found.map(({ rule }) => rule))].map(shellWord);
  const print = rules.length === 1 ? 'echo' : `printf '%s\\n'`;
  const ignoreFile = shellWord(`${root}/.airignore`);
  return [`${travel}. To keep ${many ? 'them' : 'it'} here: ${print} ${rules.join(' ')} >> ${ignoreFile}`];
}

/** Whether a file's name is the one of a rule, which is a name or `*` and an ending. */
function matches(name: string, rule: string): boolean {
  return rule.startsWith('*') ? name.endsWith(rule.slice(1)) : name === rule;
}

function leavesRoot(path: string, target: string): boolean {
  if (posix.isAbsolute(target)) return true;
  const end = posix.join(posix.dirname(path), target);
  return end === '..' || end.startsWith('../');
}
