import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import type { CodeSource } from '../../config/types.js';
import type { FieldProblem } from '../../config/problem.js';
import { shellWord } from '../../shell-word.js';
import { GitFailure, gitLine, gitNames, type GitOptions } from './git.js';
import { missingPaths, normalizedPaths } from './include-paths.js';
import { isWithin } from './listing.js';
import { CodeRefused, refusal, refuseFor } from './refusal.js';

/** A commit's tree, or a part of it, that is shipped whatever the working tree looks like. */
export interface PinnedCommit {
  /** The full object name. */
  readonly commit: string;
  /** Where the shipped folder lies in its repository: '' or a path without a closing slash. */
  readonly prefix: string;
  readonly files: readonly { path: string; bytes: number }[];
  readonly submodules: readonly string[];
}

/** A `code_source` that names a commit. */
export type PinnedSource = Pick<CodeSource, 'include_paths'> & Required<Pick<CodeSource, 'git'>>;

/**
 * Resolves `git.commit` (a full or short object name, a tag, a branch) or `git.branch` (a local one, whose
 * folder must have no changes that would be left out), and lists what of it is shipped.
 * @throws CodeRefused
 */
export async function pinCommit(
  root: string,
  { git: pin, include_paths: written = [] }: PinnedSource,
  options: GitOptions,
): Promise<PinnedCommit> {
  const prefix = await prefixOf(root, options);
  const commit =
    'commit' in pin
      ? await resolveCommit(root, pin.commit, options)
      : await resolveBranch(root, pin.branch, options);
  const includePaths = normalizedPaths(written);
  const { files, submodules } = await listCommit(root, commit, includePaths, options);
  const listed = [...files.map(({ path }) => path), ...submodules];
  const changed = 'branch' in pin ? await changedPaths(root, literalPathspecs(includePaths), options) : [];
  refuseFor([...leftOut(root, commit, changed), ...missingFrom(root, commit, listed, written)]);
  if (listed.length === 0) {
    const field = 'commit' in pin ? 'git.commit' : 'git.branch';
    throw refusal(field, `The commit ${shortName(commit)} has no files in ${posix.normalize(root)}.`);
  }
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
    if (error instanceof CodeRefused) throw error;
    options.signal.throwIfAborted();
  }
  throw refusal(
    'git',
    `git names what to ship, but ${root} is in no git repository.`,
    'To ship the folder as it is, remove git.',
  );
}

async function resolveCommit(root: string, commit: string, options: GitOptions): Promise<string> {
  const name = commit.trim();
  const found = await resolveName(root, name, options);
  if (found !== null) return found;
  throw refusal(
    'git.commit',
    `There is no commit "${name}" in ${root}.`,
    `If it exists elsewhere, get it first:\n  git -C ${shellWord(root)} fetch --all --tags`,
  );
}

async function resolveBranch(root: string, branch: string, options: GitOptions): Promise<string> {
  const found = await resolveName(root, `refs/heads/${branch}`, options);
  if (found !== null) return found;
  throw refusal(
    'git.branch',
    `There is no local branch "${branch}" in ${root}.`,
    `To list the branches, type:\n  git -C ${shellWord(root)} branch --list`,
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

/** The changed and untracked paths of a folder, relative to its repository; `pathspecs` narrow it and are relative to it. */
export async function changedPaths(
  root: string,
  pathspecs: readonly string[],
  options: GitOptions,
): Promise<string[]> {
  const args = ['status', '--porcelain', '-z', '--no-renames', '--untracked-files=all', '--', ...pathspecs];
  const lines = await gitNames(root, args, options, (line) => line.subarray(3));
  return lines.map((line) => line.slice(3));
}

/** Pathspecs of just these paths; of the whole folder when there are none. */
export function literalPathspecs(includePaths: readonly string[]): string[] {
  return includePaths.length === 0 ? ['.'] : includePaths.map((path) => `:(literal)${path}`);
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
  return { files, submodules };
}

/** What a branch's working tree has and its commit has not. */
function leftOut(root: string, commit: string, changed: readonly string[]): FieldProblem[] {
  if (changed.length === 0) return [];
  const more = changed.length > 3 ? `, and ${changed.length - 3} more` : '';
  return [
    {
      path: 'code_source.git.branch',
      message:
        `A branch is shipped as it is committed, and changes in ${root} are not: ` +
        `${changed.slice(0, 3).join(', ')}${more}.`,
      hint: `Commit them, or ship the branch without them by its commit:\n  git: {commit: ${commit}}`,
    },
  ];
}

function missingFrom(
  root: string,
  commit: string,
  listed: readonly string[],
  includePaths: readonly string[],
): FieldProblem[] {
  const short = shortName(commit);
  return missingPaths(
    includePaths,
    (wanted) => listed.some((path) => isWithin(path, wanted)),
    (path) => ({
      message: `The commit ${short} has no "${path}".`,
      hint: `To see what it has, type:\n  git -C ${shellWord(root)} ls-tree --name-only ${short}`,
    }),
  );
}

function shortName(commit: string): string {
  return commit.slice(0, 8);
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
