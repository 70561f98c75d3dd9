import type { Diagnostic } from '../errors.js';
import { codeFrame } from './frame.js';
import type { SourceText } from './source.js';

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
  readonly reporter?: 'plugin';
}

/** The problem as users and programs see it. `prefix` stands before its code frame. */
export function diagnosticOf(problem: Problem, source?: Diagnostic['source'], prefix = ''): Diagnostic {
  const { path, message, hint } = problem;
  const text = problem.source;
  const { line, column } = text.placeOf(problem.offset);
  return {
    path,
    source: source ?? problem.reporter ?? text.origin,
    file: text.name,
    line,
    column,
    message,
    ...(hint === undefined ? {} : { hint }),
    frame: codeFrame({ ...problem, line, column, prefix }),
  };
}

/** In the order of the texts, the file first; within one by position; what stands at one place keeps its order. */
export function inOrder(problems: readonly Problem[], texts: readonly SourceText[]): Problem[] {
  const rank = (source: SourceText) => (texts.includes(source) ? texts.indexOf(source) : texts.length);
  return [...problems].sort((a, b) => rank(a.source) - rank(b.source) || a.offset - b.offset);
}
