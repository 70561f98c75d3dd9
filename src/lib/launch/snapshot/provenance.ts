import { copyFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../../errors.js';
import { changedPaths, literalPathspecs } from './commit.js';
import { git, GitFailure, gitLine, type GitOptions } from './git.js';
import type { SnapshotPlan } from './plan.js';
import { scratchFolder } from './scratch.js';

/** Milliseconds for everything that is asked of git. */
const usualBudget = 5000;
/** Bytes of the largest patch that is kept. */
const largestPatch = 1 << 20;
/** Characters of paths that a command line surely takes. */
const longestArguments = 100_000;
const upstreams = ['refs/remotes/origin/HEAD', 'refs/remotes/origin/main', 'refs/remotes/origin/master'];

export interface Provenance {
  /** The text of `git_state.json`. */
  readonly gitState: string;
  /** The bytes of `git_diff.patch`: what the shipped tree has beyond its commit, new files too. */
  readonly gitDiff?: Buffer;
}

type DiffStatus = 'clean' | 'captured' | 'size_exceeded' | 'timeout';

/**
 * Which commit the shipped code is, and how it differs from it. `diffPath` is where the patch will lie. Null
 * outside git, and in a repository without commits.
 */
export async function provenance(
  plan: SnapshotPlan,
  { diffPath, signal, budget = usualBudget }: { diffPath: string; signal?: AbortSignal; budget?: number },
): Promise<Provenance | null> {
  if (plan.mode === 'folder') return null;
  const { env, context } = plan.surroundings;
  const timeout = AbortSignal.timeout(budget);
  const options = { env, signal: AbortSignal.any([signal ?? context.signal, timeout]) };
  const repository = new Repository(plan, options);
  const tip = plan.commit ?? (await repository.ask('rev-parse', '--verify', '--quiet', 'HEAD'));
  if (tip === null) return null;
  const [base, branch, url, difference] = await Promise.all([
    repository.mergeBase(tip),
    plan.mode === 'git_commit' ? null : repository.ask('symbolic-ref', '--quiet', '--short', 'HEAD'),
    repository.ask('remote', 'get-url', 'origin'),
    plan.commit === null ? differenceWithin(repository, timeout) : noDifference,
  ]);
  const state = {
    schema_version: 1,
    packaging_mode: plan.commit === null ? 'plain_tar' : 'git_archive',
    base_commit: base,
    tip_commit: tip,
    branch,
    repo_url: url === null ? null : withoutCredentials(url),
    dirty: difference.dirty,
    diff_status: difference.status,
    diff_path: difference.patch === undefined ? null : diffPath,
    generated_at_utc: new Date(context.clock.now()).toISOString().replace('Z', '000Z'),
  };
  return {
    gitState: `${JSON.stringify(state, undefined, 2)}\n`,
    ...(difference.patch === undefined ? {} : { gitDiff: difference.patch }),
  };
}

/** Whether what is shipped of a working tree differs from its commit; false when git cannot say. */
export async function hasUncommittedChanges(plan: SnapshotPlan): Promise<boolean> {
  if (plan.mode !== 'working_tree') return false;
  const { env, context } = plan.surroundings;
  try {
    return (await shippedChanges(plan, { env, signal: context.signal })).length > 0;
  } catch (error) {
    if (error instanceof GitFailure) return false;
    throw error;
  }
}

interface Difference {
  dirty: boolean;
  status: DiffStatus;
  patch?: Buffer;
}

const noDifference: Difference = { dirty: false, status: 'clean' };

/** The difference, or the word that time ran out; a tree that nobody could look through counts as changed. */
async function differenceWithin(repository: Repository, timeout: AbortSignal): Promise<Difference> {
  try {
    return await repository.difference();
  } catch (error) {
    if (timeout.aborted) return { dirty: true, status: 'timeout' };
    throw error;
  }
}

class Repository {
  constructor(
    private readonly plan: SnapshotPlan,
    private readonly options: GitOptions,
  ) {}

  /** A line of git's, or null where git has none to give. */
  async ask(...args: string[]): Promise<string | null> {
    try {
      return (await gitLine(this.plan.root, args, this.options)) || null;
    } catch (error) {
      if (error instanceof GitFailure) return null;
      throw error;
    }
  }

  /** Where the code left what its origin has; only what is known locally is asked. */
  async mergeBase(tip: string): Promise<string | null> {
    const resolved = await Promise.all(
      upstreams.map((name) => this.ask('rev-parse', '--verify', '--quiet', `${name}^{commit}`)),
    );
    const upstream = resolved.find((commit) => commit !== null);
    return upstream === undefined ? null : this.ask('merge-base', tip, upstream);
  }

  async difference(): Promise<Difference> {
    if ((await shippedChanges(this.plan, this.options)).length === 0) return noDifference;
    const paths = shippedPathspecs(this.plan);
    if (paths === null) return { dirty: true, status: 'size_exceeded' };
    const patch = await this.patch(paths);
    if (patch.length === 0) return { dirty: true, status: 'clean' };
    if (patch.length > largestPatch) return { dirty: true, status: 'size_exceeded' };
    return { dirty: true, status: 'captured', patch };
  }

  /** What `git diff HEAD` says once new files are announced, in an index of our own. */
  private async patch(paths: readonly string[]): Promise<Buffer> {
    const folder = await scratchFolder();
    try {
      const indexFile = join(folder, 'index');
      const options = { ...this.options, indexFile };
      await this.copyIndex(indexFile);
      await git(this.plan.root, ['add', '--intent-to-add', '--', ...paths], options);
      const plain = ['--no-ext-diff', '--no-textconv', '--no-color', '--src-prefix=a/', '--dst-prefix=b/'];
      return await git(this.plan.root, ['diff', ...plain, 'HEAD', '--', ...paths], options);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  private async copyIndex(target: string): Promise<void> {
    const { root } = this.plan;
    const index = await gitLine(
      root,
      ['rev-parse', '--path-format=absolute', '--git-path', 'index'],
      this.options,
    );
    try {
      await copyFile(index, target);
    } catch (error) {
      if (systemCode(error) !== 'ENOENT') throw error;
    }
  }
}

/** What of the shipped paths is changed; with what an `.airignore` holds back where it is too much to be named. */
function shippedChanges(plan: SnapshotPlan, options: GitOptions): Promise<string[]> {
  return changedPaths(plan.root, shippedPathspecs(plan) ?? literalPathspecs(plan.includePaths), options);
}

/** What is shipped, and nothing that an `.airignore` holds back; null when that is more than a command line takes. */
function shippedPathspecs({ includePaths, content }: SnapshotPlan): string[] | null {
  const removed = content.kind === 'files' ? content.removed : [];
  const paths = [...literalPathspecs(includePaths), ...removed.map((path) => `:(exclude,literal)${path}`)];
  return paths.join(' ').length > longestArguments ? null : paths;
}

/** A remote's address without user names, passwords and tokens; `git@host:path` holds none. */
export function withoutCredentials(url: string): string {
  const match = /^([a-z][a-z0-9+.-]*:\/\/)(?:[^/?#]*@)?([^?#]*)/i.exec(url);
  if (match === null) return url;
  const [, scheme = '', rest = ''] = match;
  return `${scheme}${rest}`;
}
