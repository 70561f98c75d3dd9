import { lstatSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ignore, { type Ignore } from 'ignore';

/**
 * The rules of one kind of ignore file (`.gitignore`, `.airignore`) over a whole tree. Every folder's file
 * adds to those of the folders above it, later rules win, and nothing comes back inside an ignored folder.
 * Paths are relative to the tree's root, with `/`; a folder's path ends in `/`.
 */
export class IgnoreFiles {
  private readonly byFolder = new Map<string, Ignore | null>();

  constructor(
    private readonly root: string,
    private readonly fileName: string,
    /** Rules that stand above those of the root's own file. */
    private readonly outerRules = '',
  ) {}

  ignores(path: string): boolean {
    return this.rulesOf(parentOf(path))?.ignores(path) ?? false;
  }

  /** The ignored path itself, or the outermost ignored folder around it; null for what is not ignored. */
  outermost(path: string): string | null {
    if (!this.ignores(path)) return null;
    for (let slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
      if (this.ignores(path.slice(0, slash + 1))) return path.slice(0, slash);
    }
    return path;
  }

  /** The rules that hold for a folder's entries; null when there are none. */
  private rulesOf(folder: string): Ignore | null {
    let rules = this.byFolder.get(folder);
    if (rules === undefined) {
      rules = this.readRules(folder);
      this.byFolder.set(folder, rules);
    }
    return rules;
  }

  private readRules(folder: string): Ignore | null {
    const inherited = folder === '' ? null : this.rulesOf(parentOf(folder));
    const own = this.linesOf(folder).map((line) => anchored(line, folder));
    if (own.length === 0) return inherited;
    const rules = ignore({ ignorecase: false });
    if (inherited !== null) rules.add(inherited);
    return rules.add(own);
  }

  private linesOf(folder: string): string[] {
    const outer = folder === '' ? this.outerRules : '';
    return `${outer}\n${readText(join(this.root, folder, this.fileName))}`
      .split(/\r?\n/)
      .filter((line) => line.trim() !== '' && !line.startsWith('#'));
  }
}

/** The text of an ignore file; nothing when there is none. As git does, links are not followed. */
function readText(path: string): string {
  const isFile = lstatSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
  return isFile ? readFileSync(path, 'utf8').replace(/^\ufeff/, '') : '';
}

/** A folder's rule, as the tree's root would have to write it. */
function anchored(line: string, folder: string): string {
  if (folder === '') return line;
  const negation = line.startsWith('!') ? '!' : '';
  const pattern = line.slice(negation.length);
  const place = `/${folder.replace(/[\\*?[\]]/g, '\\$&')}`;
  if (pattern.startsWith('/')) return `${negation}${place}${pattern.slice(1)}`;
  const anyDepth = !/\/(?=.*\S)/.test(pattern);
  return `${negation}${place}${anyDepth ? '**/' : ''}${unescaped(pattern)}`;
}

/** `\#` and `\!` need their backslash only at the start of a line. */
function unescaped(pattern: string): string {
  return /^\\[#!]/.test(pattern) ? pattern.slice(1) : pattern;
}

/** The folder that a path lies in; '' is the root. */
function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/', path.length - 2) + 1);
}
