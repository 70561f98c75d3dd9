import { basename } from 'node:path';
import type { FieldProblem } from '../../config/problem.js';
import type { CodeSource } from '../../config/types.js';
import type { Context } from '../../io.js';
import { commitKey, pinCommit, type PinnedCommit, type PinnedSource } from './commit.js';
import { fingerprint, listedEntry, readEntries, type SnapshotEntry } from './fingerprint.js';
import type { Environment, GitOptions } from './git.js';
import { absentPaths, normalizedPaths } from './include-paths.js';
import { isWithin, listWorkingTree } from './listing.js';
import { CodeRefused, refuseFor } from './refusal.js';
import { resolveRoot } from './root.js';
import { StatCache, statCachePath } from './stat-cache.js';
import { credentialsWarning, leavingLinks, sizeWarning } from './warnings.js';
import { heaviestPaths, type WeighedPath } from './weight.js';

/** How the code was found. */
export type SnapshotMode = 'working_tree' | 'git_commit' | 'git_branch' | 'folder';

/** What will be shipped, worked out on this machine alone. */
export interface SnapshotPlan {
  /** The shipped folder, absolute. */
  readonly root: string;
  /** Its name, under which the archive holds everything. */
  readonly directory: string;
  readonly mode: SnapshotMode;
  /** The archive's file name: `<directory>_<16 hex digits that stand for the content>.tar.gz`. */
  readonly name: string;
  /** The full object name of a pinned commit; null for what lies on disk. */
  readonly commit: string | null;
  /** Normalized, without duplicates; empty when everything is shipped. */
  readonly includePaths: readonly string[];
  /** Files and symbolic links. */
  readonly files: number;
  /** Of all contents, not compressed. */
  readonly bytes: number;
  /** The heaviest places, the heaviest first. */
  readonly largest: readonly WeighedPath[];
  readonly warnings: readonly string[];
  readonly content: SnapshotContent;
  readonly surroundings: { readonly env: Environment; readonly context: Context };
}

export type SnapshotContent =
  | {
      readonly kind: 'files';
      readonly entries: readonly SnapshotEntry[];
      /** What git lists, deleted files too, and an `.airignore` took out. */
      readonly removed: readonly string[];
      readonly cachePath: string;
    }
  | { readonly kind: 'commit'; readonly pin: PinnedCommit };

export interface SnapshotOptions {
  /** Absolute: where a relative `root_path` starts. */
  configDirectory: string;
  /** For the variables of `root_path`, and for git. */
  env: Environment;
  context: Context;
  /** Where what is known of unchanged files is kept between submissions. */
  cacheDirectory: string;
  /** What has been read of files that were not known; called a few times a second at most. */
  onProgress?: (done: { files: number; bytes: number }) => void;
}

const largestShown = 10;
const nameDigits = 16;

/**
 * Decides what a workload's code is, lists it and names it. Asks no network; reads a file's content only
 * where it cannot have been read before.
 * @throws CodeRefused for a root, commit, branch or path that is not there; AirError CONFLICT for a file that
 * does not hold still.
 */
export async function planSnapshot(source: CodeSource, options: SnapshotOptions): Promise<SnapshotPlan> {
  const root = await resolveRoot(source.root_path, options.configDirectory, options.env);
  const shared = {
    root,
    directory: basename(root),
    includePaths: normalizedPaths(source.include_paths ?? []),
    surroundings: { env: options.env, context: options.context },
  };
  const git: GitOptions = { env: options.env, signal: options.context.signal };
  return source.git === undefined
    ? planFiles(shared, source.include_paths ?? [], git, options)
    : planCommit(shared, { ...source, git: source.git }, git);
}

/** What of a workload's code is not there, as {@link planSnapshot} would refuse it, without listing the files on disk. */
export async function refusedCode(
  source: CodeSource,
  { configDirectory, env, context }: Pick<SnapshotOptions, 'configDirectory' | 'env' | 'context'>,
): Promise<readonly FieldProblem[]> {
  const { root_path: rootPath, include_paths: includePaths, git } = source;
  try {
    const root = await resolveRoot(rootPath, configDirectory, env);
    if (git === undefined) return absentPaths(root, includePaths ?? []);
    await pinCommit(root, { git, include_paths: includePaths }, { env, signal: context.signal });
    return [];
  } catch (error) {
    if (error instanceof CodeRefused) return error.problems;
    throw error;
  }
}

type Shared = Pick<SnapshotPlan, 'root' | 'directory' | 'includePaths' | 'surroundings'>;

async function planFiles(
  shared: Shared,
  written: readonly string[],
  git: GitOptions,
  options: SnapshotOptions,
): Promise<SnapshotPlan> {
  const { root, directory, includePaths } = shared;
  refuseFor(absentPaths(root, written));
  const cachePath = statCachePath(options.cacheDirectory, root);
  const listed = listWorkingTree(root, includePaths, git, (path, state) =>
    listedEntry(root, path, state, cache),
  );
  // Read while git is at work.
  const cache = StatCache.open(cachePath, options.context.clock.now());
  const listing = await listed;
  const ignored = includePaths.filter((wanted) => !listing.files.some(({ path }) => isWithin(path, wanted)));
  const entries = await readEntries(root, listing.files, cache, options.context, options.onProgress);
  const weight = weigh(root, entries);
  return {
    ...shared,
    ...weight,
    mode: listing.byGit ? 'working_tree' : 'folder',
    name: archiveName(directory, fingerprint(directory, entries)),
    commit: null,
    warnings: [
      ...listing.warnings,
      ...ignored.map((path) => `code_source.include_paths: everything in "${path}" is ignored.`),
      ...(entries.length === 0 ? [`There is nothing to ship in ${root}.`] : []),
      ...credentialsWarning(
        root,
        entries.filter(({ type }) => type === 'file'),
        'files',
      ),
      ...leavingLinks(entries),
      ...weight.warnings,
    ],
    content: { kind: 'files', entries, removed: listing.removed, cachePath },
  };
}

async function planCommit(shared: Shared, source: PinnedSource, git: GitOptions): Promise<SnapshotPlan> {
  const { root, directory } = shared;
  const pin = await pinCommit(root, source, git);
  const weight = weigh(root, pin.files);
  return {
    ...shared,
    ...weight,
    mode: 'commit' in source.git ? 'git_commit' : 'git_branch',
    name: archiveName(directory, commitKey(pin.commit, source.include_paths ?? [], pin.prefix)),
    commit: pin.commit,
    warnings: [
      ...pin.submodules.map((path) => `The submodule ${path} is no part of the commit and is not shipped.`),
      ...credentialsWarning(root, pin.files, 'commit'),
      ...weight.warnings,
    ],
    content: { kind: 'commit', pin },
  };
}

function archiveName(directory: string, key: string): string {
  return `${directory}_${key.slice(0, nameDigits)}.tar.gz`;
}

function weigh(
  root: string,
  files: readonly WeighedPath[],
): Pick<SnapshotPlan, 'files' | 'bytes' | 'largest' | 'warnings'> {
  const bytes = files.reduce((sum, file) => sum + file.bytes, 0);
  const largest = heaviestPaths(files, largestShown);
  return { files: files.length, bytes, largest, warnings: sizeWarning(root, files.length, bytes, largest) };
}
