import { lstatSync } from 'node:fs';
import { join, posix } from 'node:path';
import type { FieldProblem } from '../../config/problem.js';

/** `include_paths` as git names paths, without duplicates. The whole folder is no narrowing. */
export function normalizedPaths(includePaths: readonly string[]): string[] {
  const paths = includePaths.map(normalizedPath);
  return paths.includes('.') ? [] : [...new Set(paths)];
}

/** A problem for each of the `include_paths` that is not in the folder. */
export function absentPaths(root: string, includePaths: readonly string[]): FieldProblem[] {
  const isThere = (path: string) => lstatSync(join(root, path), { throwIfNoEntry: false }) !== undefined;
  return missingPaths(includePaths, isThere, (path) => ({
    message: `There is no "${path}" in ${root}.`,
    hint: 'include_paths are relative to root_path.',
  }));
}

/** A problem for each of the `include_paths` that is not there, at its place in the list, in the words of `tell`. */
export function missingPaths(
  includePaths: readonly string[],
  isThere: (path: string) => boolean,
  tell: (written: string) => Omit<FieldProblem, 'path'>,
): FieldProblem[] {
  if (normalizedPaths(includePaths).length === 0) return [];
  return includePaths.flatMap((written, index) =>
    isThere(normalizedPath(written))
      ? []
      : [{ path: `code_source.include_paths[${index}]`, ...tell(written.trim()) }],
  );
}

/** No `./`, no closing slash. */
function normalizedPath(path: string): string {
  return posix.normalize(path.trim()).replace(/\/$/, '');
}
