import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { AirError } from '../../errors.js';
import { shellWord } from '../../shell-word.js';
import { GitFailure, gitLine, gitNames, type GitOptions } from './git.js';
import { isWithin } from './listing.js';

/** A commit's tree, or a part of it, that is shipped whatever the working tree looks like. */
export interface PinnedCommit {
  /** The full object name. */
  readonly commit: string;
  /** Where the shipped folder lies in its repository: '' or a path without a closing slash. */
  readonly prefix: string;
  readonly files: readonly { path: string; bytes: number }[];
  readonly submodules: readonly string[];
}

/**
 * Resolves `git.commit` (a full or short object name, a tag, a branch) or `git.branch` (a local one, whose
 * folder must have no changes that would be left out), and lists what of it is shipped.
 */
export async function pinCommit(
  root: string,
  pin: { branch: string } | { commit: string },
  includePaths: readonly string[],
  options: GitOptions,
): Promise<PinnedCommit> {
  const prefix = await prefixOf(root, options);
  const commit =
    'commit' in pin
      ? await resolveCommit(root, pin.commit, options)
      : await resolveBranch(root, pin.branch, includePaths, options);
  const { files, submodules } = await listCommit(root, commit, includePaths, options);
  return { commit, prefix, files, submodules };
}

/**
 * The cache key of a pinned commit, which other clients of AI Runtime compute alike. Paths count trimmed and
 * sorted, duplicates included.
 */
export function commitKey(commit: string, includePaths: readonly string[], prefix: string): string {
  const paths = includePaths
    .map((path) => path.trim())
    .sort(byBytes)
    .join('\n');
  const subtree = prefix === '' ? '' : `\n${prefix}`;
  return createHash('sha256').update(`${commit}\n${paths}\nv1${subtree}`).digest('hex');
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

async function prefixOf(root: string, options: GitOptions): Promise<string> {
  const args = ['rev-parse', '--is-inside-work-tree', '--show-prefix'];
  try {
    const [inside, prefix = ''] = (await gitLine(root, args, options)).split('\n');
    if (inside === 'true') return prefix.replace(/\/$/, '');
  } catch (error) {
    if (error instanceof AirError) throw error;
    options.signal.throwIfAborted();
  }
  throw new AirError('INVALID_CONFIG', `code_source.git is set, but ${root} is in no git repository.`, {
    hint: 'Drop code_source.git to ship the folder as it is.',
  });
}

async function resolveCommit(root: string, commit: string, options: GitOptions): Promise<string> {
  const name = commit.trim();
  const found = await resolveName(root, name, options);
  if (found !== null) return found;
  throw new AirError('INVALID_CONFIG', `The commit "${name}" of code_source.git is not in ${root}.`, {
    hint: `If it exists elsewhere, get it first: git -C ${shellWord(root)} fetch --all --tags`,
  });
}

async function resolveBranch(
  root: string,
  branch: string,
  includePaths: readonly string[],
  options: GitOptions,
): Promise<string> {
  const found = await resolveName(root, `refs/heads/${branch}`, options);
  if (found === null) {
    throw new AirError('INVALID_CONFIG', `There is no local branch "${branch}" in ${root}.`, {
      hint: `List the branches with: git -C ${shellWord(root)} branch --list`,
    });
  }
  const changed = await changedPaths(root, includePaths, options);
  if (changed.length === 0) return found;
  const more = changed.length > 3 ? `, and ${changed.length - 3} more` : '';
  throw new AirError(
    'INVALID_CONFIG',
    `code_source.git.branch ships what is committed, and changes under ${root} are not: ` +
      `${changed.slice(0, 3).join(', ')}${more}.`,
    {
      hint: `Commit them, or ship the branch without them by its commit: code_source.git.commit: ${found}`,
    },
  );
}

/** The commit behind a name; null when there is none. A leading dash would be an option, and is no name. */
async function resolveName(root: string, name: string, options: GitOptions): Promise<string | null> {
  if (name === '' || name.startsWith('-')) return null;
  try {
    return await gitLine(root, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`], options);
  } catch (error) {
    if (error instanceof GitFailure) return null;
    throw error;
  }
}

/** The changed and untracked paths of a folder, relative to its repository. */
export async function changedPaths(
  root: string,
  includePaths: readonly string[],
  options: GitOptions,
): Promise<string[]> {
  const args = ['status', '--porcelain', '-z', '--no-renames', '--untracked-files=all', '--'];
  const paths = includePaths.length === 0 ? ['.'] : includePaths;
  const literal = { ...options, literalPaths: true };
  const lines = await gitNames(root, [...args, ...paths], literal, (line) => line.subarray(3));
  return lines.map((line) => line.slice(3));
}

async function listCommit(
  root: string,
  commit: string,
  includePaths: readonly string[],
  options: GitOptions,
): Promise<Pick<PinnedCommit, 'files' | 'submodules'>> {
  const args = ['ls-tree', '-r', '-z', '-l', commit, '--'];
  const literal = { ...options, literalPaths: true };
  const nameOf = (line: Buffer) => line.subarray(line.indexOf('\t') + 1);
  const lines = await gitNames(root, [...args, ...includePaths], literal, nameOf);
  const files: { path: string; bytes: number }[] = [];
  const submodules: string[] = [];
  for (const line of lines) {
    const tab = line.indexOf('\t');
    const [, type, , size] = line.slice(0, tab).split(/ +/);
    const path = line.slice(tab + 1);
    if (type === 'commit') submodules.push(path);
    else files.push({ path, bytes: Number(size) });
  }
  const listed = [...files.map(({ path }) => path), ...submodules];
  const missing = includePaths.filter((wanted) => !listed.some((path) => isWithin(path, wanted)));
  const short = commit.slice(0, 8);
  if (missing.length > 0) {
    throw new AirError(
      'INVALID_CONFIG',
      `The commit ${short} has none of these code_source.include_paths: ${missing.join(', ')}.`,
      { hint: `See what it has: git -C ${shellWord(root)} ls-tree --name-only ${short}` },
    );
  }
  if (listed.length === 0) {
    throw new AirError('INVALID_CONFIG', `The commit ${short} has no files in ${posix.normalize(root)}.`);
  }
  return { files, submodules };
}

/** The arguments that make git write the commit's archive, the same bytes for the same commit. */
export function archiveArguments(
  directory: string,
  pin: PinnedCommit,
  includePaths: readonly string[],
): string[] {
  const steady = ['-c', 'tar.umask=0002', '-c', 'core.autocrlf=false'];
  return [...steady, 'archive', '--format=tar', `--prefix=${directory}/`, pin.commit, '--', ...includePaths];
}
