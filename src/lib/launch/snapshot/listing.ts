import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileState, type FileState } from './file-state.js';
import { git, GitFailure, GitMissing, gitNames, type GitOptions } from './git.js';
import { IgnoreFiles } from './ignore-files.js';
import { Pacer } from './pace.js';
import { walkFolder } from './walk.js';

/** What is kept of a file or a symbolic link; its path is relative to the root, with `/`. */
type Describe<Entry> = (path: string, state: FileState) => Entry;

export interface Listing<Entry> {
  /** Sorted by path. */
  readonly files: Entry[];
  /** What git lists, deleted files too, and an `.airignore` took out: files, and folders that are out as a whole. */
  readonly removed: string[];
  /** False when the files were found by walking, without git's list. */
  readonly byGit: boolean;
  readonly warnings: string[];
}

/**
 * The files of a working tree as git sees them: tracked and untracked, without what it ignores; deleted ones
 * dropped; submodules and nested repositories each with their own list; without what an `.airignore` removes.
 * Folders outside git, and those that an enclosing repository ignores, are walked by the same rules.
 */
export async function listWorkingTree<Entry extends { path: string }>(
  root: string,
  includePaths: readonly string[],
  options: GitOptions,
  describe: Describe<Entry>,
): Promise<Listing<Entry>> {
  return new WorkingTree(root, includePaths, options, describe).list();
}

/** Files between two looks at the clock: looking is not free either. */
const stride = 100;

/** A repository, or a plain folder, of the tree: '' is the root, others end in `/`. */
class WorkingTree<Entry extends { path: string }> {
  private readonly files: Entry[] = [];
  private readonly removed = new Set<string>();
  private readonly warnings: string[] = [];
  private readonly airignore: IgnoreFiles;
  private readonly folders = new Map<string, boolean>([['', true]]);
  private readonly pacer: Pacer;
  private byGit = true;

  constructor(
    private readonly root: string,
    private readonly includePaths: readonly string[],
    private readonly options: GitOptions,
    private readonly describe: Describe<Entry>,
  ) {
    this.pacer = new Pacer(options.signal);
    this.airignore = new IgnoreFiles(root, '.airignore');
  }

  async list(): Promise<Listing<Entry>> {
    const repositories = [''];
    for (let at = repositories.pop(); at !== undefined; at = repositories.pop()) {
      const names = at === '' ? await this.namesOfRoot() : await this.namesOfNested(at);
      for (const [index, name] of names.entries()) {
        const nested = this.take(`${at}${name}`);
        if (nested !== null) repositories.push(nested);
        if (index % stride === 0 && this.pacer.isDue) await this.pacer.breathe();
      }
    }
    this.files.sort((a, b) => (a.path < b.path ? -1 : 1));
    // Git lists a path that is in conflict once for each side.
    const files = this.files.filter(({ path }, index) => path !== this.files[index - 1]?.path);
    return { files, removed: [...this.removed], byGit: this.byGit, warnings: this.warnings };
  }

  /** Puts a name of a list where it belongs; answers the path of a repository that has a list of its own. */
  private take(name: string): string | null {
    const path = name.endsWith('/') ? name.slice(0, -1) : name;
    const state = this.isFolder(parentOf(path)) ? fileState(`${this.root}/${path}`) : null;
    if (state?.type === 'other') return null;
    const isDirectory = state?.type === 'folder';
    if (!this.isWanted(path, isDirectory)) return null;
    const removed = this.airignore.outermost(isDirectory ? `${path}/` : path);
    if (removed !== null) {
      this.removed.add(removed);
      return null;
    }
    if (state === null) return null;
    if (isDirectory) return this.nestedRepository(path);
    this.files.push(this.describe(path, state));
    return null;
  }

  private nestedRepository(path: string): string | null {
    if (fileState(join(this.root, path, '.git')) !== null) return `${path}/`;
    if (isEmpty(join(this.root, path))) {
      this.warnings.push(
        `The submodule ${path} is not checked out, so nothing of it is shipped: git submodule update --init`,
      );
    }
    return null;
  }

  private async namesOfRoot(): Promise<string[]> {
    try {
      const names = await this.gitList('', this.pathspecs());
      if (names.length > 0 || !(await this.isIgnoredFromAbove())) return names;
      this.warnings.push(
        `The repository around ${this.root} ignores this folder, so its files were found without git's list.`,
      );
    } catch (error) {
      this.explainAbsence(error, this.root);
    }
    this.byGit = false;
    return walkFolder(this.root, this.options);
  }

  private async namesOfNested(at: string): Promise<string[]> {
    const directory = join(this.root, at);
    try {
      return await this.gitList(at, [], dirname(directory));
    } catch (error) {
      this.explainAbsence(error, directory);
      return walkFolder(directory, this.options);
    }
  }

  private gitList(at: string, pathspecs: readonly string[], ceiling?: string): Promise<string[]> {
    const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', ...pathspecs];
    const options = { ...this.options, literalPaths: true };
    return gitNames(join(this.root, at), args, ceiling === undefined ? options : { ...options, ceiling });
  }

  /** Whether git sees an empty folder because an ignore rule above it covers all of it. */
  private async isIgnoredFromAbove(): Promise<boolean> {
    try {
      await git(this.root, ['check-ignore', '--quiet', '--', '.'], this.options);
      return true;
    } catch (error) {
      if (error instanceof GitFailure) return false;
      throw error;
    }
  }

  /** Passes on what is no plain absence of git; says it where a repository lies there that git cannot read. */
  private explainAbsence(error: unknown, directory: string): void {
    if (!(error instanceof GitFailure) && !(error instanceof GitMissing)) throw error;
    if (fileState(join(directory, '.git')) === null) return;
    this.warnings.push(`The files of ${directory} were found without git's list: ${error.message}.`);
  }

  /** What git is asked for: the wanted paths, or the repositories on the way to them. */
  private pathspecs(): string[] {
    return this.includePaths.map((wanted) => {
      const parts = wanted.split('/');
      for (let length = 1; length < parts.length; length++) {
        const folder = parts.slice(0, length).join('/');
        if (fileState(join(this.root, folder, '.git')) !== null) return folder;
      }
      return wanted;
    });
  }

  /** Within the wanted paths, or a folder on the way to one. */
  private isWanted(path: string, isDirectory: boolean): boolean {
    if (this.includePaths.length === 0) return true;
    return this.includePaths.some(
      (wanted) => isWithin(path, wanted) || (isDirectory && isWithin(wanted, path)),
    );
  }

  /** Git does not look behind links: a tracked file below one counts as deleted. */
  private isFolder(path: string): boolean {
    let known = this.folders.get(path);
    if (known === undefined) {
      known = this.isFolder(parentOf(path)) && fileState(join(this.root, path))?.type === 'folder';
      this.folders.set(path, known);
    }
    return known;
  }
}

/** Whether a path is this folder (`.` is the root) or lies below it. */
export function isWithin(path: string, folder: string): boolean {
  return folder === '.' || path === folder || path.startsWith(`${folder}/`);
}

function isEmpty(directory: string): boolean {
  return readdirSync(directory).length === 0;
}

/** The folder that a path lies in; '' is the root. */
function parentOf(path: string): string {
  return path.slice(0, Math.max(path.lastIndexOf('/'), 0));
}
