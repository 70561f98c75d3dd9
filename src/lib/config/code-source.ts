import { pathOf, segmentsOf } from './fields.js';
import type { MappingNode } from './nodes.js';
import type { CodeSource } from './types.js';
import type { DecodedWorkload } from './validate.js';

export interface CodeFields {
  root_path: string;
  remote_volume?: string;
  include_paths?: string[];
  git?: { branch?: string; commit?: string };
}

/** `code_source` as the rest of the program knows it, from either of its forms. */
export function codeSourceOf(code: CodeFields & { snapshot?: CodeFields }): CodeSource {
  const { root_path, remote_volume, include_paths, git } = code.snapshot ?? code;
  return {
    root_path,
    ...(remote_volume === undefined ? {} : { remote_volume }),
    ...(include_paths === undefined ? {} : { include_paths }),
    ...gitOf(git),
  };
}

function gitOf(git: CodeFields['git']): Pick<CodeSource, 'git'> {
  if (git?.branch !== undefined) return { git: { branch: git.branch } };
  return git?.commit === undefined ? {} : { git: { commit: git.commit } };
}

/**
 * What of a file's code can be looked at on this machine, whatever else is wrong with the file: all of it, its root
 * alone when one of its other fields is wrong, or nothing.
 */
export function soundCode(
  { code_source: code }: DecodedWorkload,
  problems: readonly { path: string }[],
): CodeSource | undefined {
  const broken = problems.flatMap(({ path }) => (/^code_source\b/.test(path) ? [fieldOfCode(path)] : []));
  if (code === undefined || broken.some((field) => ['', 'type', 'snapshot', 'root_path'].includes(field))) {
    return undefined;
  }
  const source = codeSourceOf(code as CodeFields);
  if (typeof source.root_path !== 'string') return undefined;
  const isWhole = broken.every((field) => field === 'remote_volume');
  return isWhole ? source : { root_path: source.root_path };
}

/** `git` for `code_source.git.commit`, and for the same in the older form. */
function fieldOfCode(path: string): string {
  const [, first = '', second] = segmentsOf(path);
  return String(first === 'snapshot' && second !== undefined ? second : first);
}

/** Where the file has a field of {@link WorkloadConfig}: the older form of code_source holds its fields deeper. */
export function writtenPath(root: MappingNode, path: string): string {
  const [top, field, ...below] = segmentsOf(path);
  const code = root.byKey.get('code_source')?.value;
  if (top !== 'code_source' || field === undefined || code?.kind !== 'mapping') return path;
  if (code.byKey.has(String(field)) || !code.byKey.has('snapshot')) return path;
  return ['code_source', 'snapshot', field, ...below].reduce<string>(pathOf, '');
}
