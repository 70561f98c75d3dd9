import { AirError, type Diagnostic } from '../errors.js';
import { codeFrame } from './frame.js';
import { locate } from './locate.js';
import type { MappingNode } from './nodes.js';
import { isSecretPath } from './secrets.js';
import type { SourceText } from './source.js';

/** What is wrong with a field, by its dotted path, before its place is known. */
export interface FieldProblem {
  readonly path: string;
  readonly message: string;
  readonly hint?: string | undefined;
}

/** A problem found in a text, before it is put into words for the user. */
export interface Problem {
  readonly path: string;
  readonly source: SourceText;
  readonly offset: number;
  readonly message: string;
  readonly hint?: string | undefined;
  /** The value must not be shown, in the code frame neither. */
  readonly secret?: boolean;
  /** The value at the path could not be read: nothing else can be said of it. */
  readonly unread?: boolean;
  /** Who found it, when it was not the check of the text itself. */
  readonly reporter?: 'plugin' | 'server' | undefined;
}

/** A field's problem at its value, or at the nearest parent that is there. */
export function problemAt(
  root: MappingNode,
  { path, message, hint }: FieldProblem,
  reporter?: Problem['reporter'],
): Problem {
  const { source, offset, node } = locate(root, path);
  return { path, source, offset, message, hint, secret: isSecretPath(path, node), reporter };
}

/** The problem as users and programs see it. `prefix` stands before its code frame. */
export function diagnosticOf(problem: Problem, prefix = ''): Diagnostic {
  const { path, message, hint } = problem;
  const text = problem.source;
  const { line, column } = text.placeOf(problem.offset);
  return {
    path,
    source: problem.reporter ?? text.origin,
    file: text.name,
    line,
    column,
    message,
    ...(hint === undefined ? {} : { hint }),
    frame: codeFrame({ ...problem, line, column, prefix }),
  };
}

/** Problems in the order of the texts, the file first; within one by position; what stands at one place keeps its order. */
export function diagnosticsOf(
  problems: readonly Problem[],
  texts: readonly SourceText[],
  prefix?: string,
): Diagnostic[] {
  const rank = (source: SourceText) => (texts.includes(source) ? texts.indexOf(source) : texts.length);
  return [...problems]
    .sort((a, b) => rank(a.source) - rank(b.source) || a.offset - b.offset)
    .map((problem) => diagnosticOf(problem, prefix));
}

/** The one error for what is wrong in workload files; `what` is its sentence, without the full stop. */
export function invalidConfig(what: string, problems: readonly Diagnostic[]): AirError {
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  return new AirError('INVALID_CONFIG', `${what}: ${count}.`, { details: problems });
}

export function invalidFile(file: string, problems: readonly Diagnostic[]): AirError {
  return invalidConfig(`${file} is not a valid workload`, problems);
}
