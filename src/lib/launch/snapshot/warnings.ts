import { readFileSync } from 'node:fs';
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
  '.envrc',
  '*.pem',
  'id_rsa',
  'id_ed25519',
  '.netrc',
  'credentials.json',
  '.databrickscfg',
];
/** What the names of example files have behind `.env`. */
const exampleWords = ['example', 'sample', 'template', 'dist', 'defaults', 'schema'];
const lineFeed = 0x0a;

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
  const rules = places.map(({ path }) => `/${literalRule(path)}`);
  return [`${size}; most of it: ${named}. To leave that out: ${ignoreCommand(root, rules)}`];
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
    const rule = credentialRule(posix.basename(path));
    return rule === undefined ? [] : [{ path, rule }];
  });
  if (found.length === 0) return [];
  const many = found.length > 1;
  const named = found.slice(0, credentialsNamed).map(({ path }) => path);
  const more = found.length > credentialsNamed ? `, and ${found.length - credentialsNamed} more` : '';
  const travel = `${named.join(', ')}${more} ${many ? 'travel' : 'travels'} with the code`;
  if (shipped === 'commit') return [`${travel}: ${many ? 'they are' : 'it is'} part of the commit.`];
  const rules = [...new Set(found.map(({ rule }) => rule))];
  return [`${travel}. To keep ${many ? 'them' : 'it'} here: ${ignoreCommand(root, rules)}`];
}

/** The rule that leaves out a file of this name, when such files usually hold credentials. */
function credentialRule(name: string): string | undefined {
  if (isEnvironmentFile(name)) return literalRule(name);
  return credentialFiles.find((rule) =>
    rule.startsWith('*') ? name.endsWith(rule.slice(1)) : name === rule,
  );
}

/** Whether a name is `.env` with more behind it, such as `.env.local`, and says of no example that it is one. */
function isEnvironmentFile(name: string): boolean {
  const [empty, env, ...more] = name.split('.');
  return (
    empty === '' && env === 'env' && more.length > 0 && !more.some((word) => exampleWords.includes(word))
  );
}

/** A path as an ignore file has to hold it, to mean that path alone. */
function literalRule(path: string): string {
  return path.replace(/[\\*?[\]]/g, '\\$&');
}

/** The command that adds rules to a folder's `.airignore`, each on a line of its own. */
function ignoreCommand(root: string, rules: readonly string[]): string {
  const ignoreFile = `${root}/.airignore`;
  // An empty line ends the one that the file's last rule stands in.
  const lines = [...(endsInMidLine(ignoreFile) ? [''] : []), ...rules];
  const isPlain = lines.length === 1 && !lines[0]?.includes('\\');
  return `${isPlain ? 'echo' : `printf '%s\\n'`} ${lines.map(shellWord).join(' ')} >> ${shellWord(ignoreFile)}`;
}

/** Whether what is added to a file would join its last line. */
function endsInMidLine(path: string): boolean {
  try {
    const text = readFileSync(path);
    return text.length > 0 && text.at(-1) !== lineFeed;
  } catch {
    return false;
  }
}

function leavesRoot(path: string, target: string): boolean {
  if (posix.isAbsolute(target)) return true;
  const end = posix.join(posix.dirname(path), target);
  return end === '..' || end.startsWith('../');
}
