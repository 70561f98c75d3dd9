import type { YAMLException } from 'js-yaml';
import type { Problem } from './problem.js';
import type { SourceText } from './source.js';

/** Collections within collections, at most. */
export const deepestNesting = 100;

/** Why a text is no YAML, in the words of a problem. `base` is where `yaml` begins in the source. */
export function syntaxProblem(error: YAMLException, source: SourceText, yaml: string, base: number): Problem {
  const position = Math.min(error.mark?.position ?? 0, yaml.length);
  const tooDeep = error.reason.includes('maxDepth');
  const reason = tooDeep
    ? `lists and maps are nested more than ${deepestNesting} levels deep`
    : error.reason.replace(/^./, (letter) => letter.toLowerCase());
  return {
    path: '',
    source,
    offset: base + visibleOffset(yaml, position),
    message: tooDeep ? `This cannot be read: ${reason}.` : `This is not valid YAML: ${reason}.`,
    hint: syntaxHint(error.reason),
  };
}

/** The parser may stop at a line's end or at the end of the text: point at something that can be seen. */
function visibleOffset(yaml: string, position: number): number {
  let offset = position;
  if (offset >= yaml.length) while (offset > 0 && /\s/.test(yaml[offset - 1] ?? '')) offset--;
  return offset;
}

function syntaxHint(reason: string): string | undefined {
  if (reason.includes('tab characters')) return 'Indent with spaces.';
  if (reason.includes('quoted scalar')) return 'A closing quote is missing.';
  if (reason.includes('bad indentation of a mapping entry')) {
    return 'Put text that holds ": ", or starts with a special character, into quotes, and indent fields of one map alike.';
  }
  if (reason.includes('null byte')) return 'Is this a text file?';
  return undefined;
}
