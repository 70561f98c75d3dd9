import { AirError } from '../../errors.js';
import type { FieldProblem } from '../../config/problem.js';

/** Code that cannot be shipped as `code_source` says: the fields that are wrong, all that can be known at once. */
export class CodeRefused extends AirError {
  constructor(readonly problems: readonly FieldProblem[]) {
    super('INVALID_CONFIG', problems.map(({ path, message }) => `${path}: ${message}`).join(' '), {
      ...(problems[0]?.hint === undefined ? {} : { hint: problems[0].hint }),
    });
    this.name = 'CodeRefused';
  }
}

/** @throws CodeRefused when there are problems */
export function refuseFor(problems: readonly FieldProblem[]): void {
  if (problems.length > 0) throw new CodeRefused(problems);
}

/** The refusal for one field, named as below `code_source`. */
export function refusal(field: string, message: string, hint?: string): CodeRefused {
  return new CodeRefused([{ path: `code_source.${field}`, message, hint }]);
}
