import type { YAMLException } from 'js-yaml';
import type { Problem } from './problem.js';
import type { SourceText } from './source.js';

/** Collections within collections, at most. */
export const deepestNesting = 100;

/** Why a text is no YAML, in the words of a problem. `base` is where `yaml` begins in the source. */
export function syntaxProblem(error: YAMLException, source: SourceText, yaml: string, base: number): Problem {
  const at = Math.min(error.mark?.position ?? 0, yaml.length);
  const { position, message, hint } = explained(error.reason, yaml, at);
  return { path: '', source, offset: base + visibleOffset(yaml, position), message, hint };
}

/** The parser may stop at a line's end or at the end of the text: point at something that can be seen. */
function visibleOffset(yaml: string, position: number): number {
  let offset = position;
  if (offset >= yaml.length) while (offset > 0 && /\s/.test(yaml[offset - 1] ?? '')) offset--;
  return offset;
}

interface Explanation {
  readonly position: number;
  readonly message: string;
  readonly hint?: string | undefined;
}

function explained(reason: string, yaml: string, position: number): Explanation {
  const conflict = /^<{7} /m.exec(yaml);
  if (conflict) {
    const message = 'This is not valid YAML: it is the mark of a merge conflict.';
    return { position: conflict.index, message, hint: 'Resolve the conflict first.' };
  }
  if (reason.includes('maxDepth')) {
    const message = `This cannot be read: lists and maps are nested more than ${deepestNesting} levels deep.`;
    return { position, message };
  }
  const [why, hint] = isEntryReason(reason) ? entryWords(yaml, position) : (words(reason) ?? [lower(reason)]);
  return { position, message: `This is not valid YAML: ${why}.`, hint };
}

type Words = readonly [why: string, hint?: string];

function isEntryReason(reason: string): boolean {
  return /^bad indentation of a (?:mapping|sequence) entry/.test(reason);
}

/** The parser has one reason for everything that may not follow an entry; the text around it tells which it is. */
function entryWords(yaml: string, position: number): Words {
  const before = yaml.slice(0, position);
  const line = before.slice(before.lastIndexOf('\n') + 1);
  const character = yaml[position] ?? '';
  if (line.trim() === '') {
    const nearby = before.slice(-4096, before.length - line.length);
    const above = /(?:^|\n)( *)[^\s#][^\n]*\n(?:[ \t]*(?:#[^\n]*)?\n)*$/.exec(nearby);
    const other = above ? `, the one above with ${spaces(above[1] ?? '')}` : '';
    return [
      `this line begins with ${spaces(line)}${other}`,
      'Begin the fields of one map, and the dashes of one list, with the same number of spaces.',
    ];
  }
  if (character === ':') {
    const key = /^\s*(?:- +)*([^\s:"'#][^:]*?) *: /.exec(line.slice(0, 300))?.[1];
    return key === undefined
      ? [
          'this line goes on with the value above, so it cannot be a field',
          'Indent a field like its neighbours; put text that holds ": " into quotes.',
        ]
      : [
          `the value of ${key} holds another ": "`,
          `Put the whole value into quotes, or write it below "${key}: |", indented.`,
        ];
  }
  if (/[@`%]/.test(character) && /[:-]$/.test(line.trimEnd())) {
    return [
      `a value cannot begin with ${character} unless it is in quotes`,
      'Put the whole value into quotes.',
    ];
  }
  const end = line.trimEnd().at(-1) ?? '';
  if (!/["'\]}]/.test(end)) return ['this cannot follow what stands before it'];
  const escaped =
    end === "'" ? ` In '...' a quote is written ''.` : end === '"' ? ' In "..." a quote is written \\".' : '';
  return [`more text follows the closing ${end}`, `Put the whole value into quotes.${escaped}`];
}

function spaces(indent: string): string {
  if (indent === '') return 'none';
  return indent.length === 1 ? '1 space' : `${indent.length} spaces`;
}

const explanations: readonly (readonly [reason: RegExp, ...Words])[] = [
  [/tab characters/, 'the line is indented with a tab', 'Indent with spaces.'],
  [
    /within a \w+ quoted scalar/,
    'a quote is opened here or above, and never closed',
    'Add the closing quote.',
  ],
  [
    /within a flow collection/,
    'a { or [ is opened here or above, and never closed',
    'Add the closing } or ].',
  ],
  [
    /deficient indentation/,
    'a quote, a { or a [ that is opened here or above is still open',
    'Close it; or, when it is meant to go on, indent its lines.',
  ],
  [
    /multiline key/,
    'this line has no ": "',
    'A field is written "name: value", with a space after the colon; lines of text stand below "name: |", indented.',
  ],
  [
    /end of the stream or a document separator/,
    'this belongs to none of the fields above',
    'A workload file is one map of fields, each written "name: value".',
  ],
  [
    /unknown escape|hexadecimal/,
    'in "..." a \\ begins an escape, and there is none of this name',
    'Write \\\\, or use single quotes.',
  ],
  [
    /line break is expected/,
    'text follows | or > on the same line',
    'Begin the text on the next line, indented.',
  ],
  [/missed comma/, 'a comma is missing between two entries'],
  [/null byte/, 'a null byte stands here', 'Is this a text file?'],
  [/non-printable/, 'it holds control characters', 'Is this a text file?'],
];

function words(reason: string): Words | undefined {
  const found = explanations.find(([pattern]) => pattern.test(reason));
  return found && [found[1], found[2]];
}

function lower(reason: string): string {
  return reason.replace(/^./, (letter) => letter.toLowerCase());
}
