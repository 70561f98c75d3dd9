import { charactersOf, type SourceText } from './source.js';

interface FrameOptions {
  readonly source: SourceText;
  readonly path: string;
  readonly line: number;
  readonly column: number;
  readonly secret?: boolean;
  /** Stands before the first line. */
  readonly prefix?: string;
}

/** Columns of the source line that a frame shows at most. */
const widest = 88;

/** Where a problem is, as text: the place, the line it stands in, and a caret below. */
export function codeFrame(options: FrameOptions): string {
  const { source, path, line, column, secret, prefix = '' } = options;
  const text = charactersOf(source.lineAt(line));
  const { line: shown, caret } = excerpt(
    secret ? [...text.slice(0, column - 1), '*', '*', '*'] : text,
    column - 1,
  );
  const lines: string[] = [];
  if (source.origin !== 'file') {
    lines.push(`${prefix}${shown}`, `${' '.repeat(prefix.length)}${caret}`);
  } else {
    const place = `${prefix}${source.name}:${line}:${column}`;
    const number = String(line);
    lines.push(path === '' ? place : `${place}  ${path}`);
    if (text.length > 0) lines.push(`  ${number} | ${shown}`, `  ${' '.repeat(number.length)} | ${caret}`);
  }
  return `${lines.join('\n')}\n`;
}

/** The part of a line around one character, and the caret that stands below that character. */
function excerpt(text: readonly string[], at: number): { line: string; caret: string } {
  const from = at < widest - 20 ? 0 : at - Math.floor(widest / 2);
  const to = Math.min(text.length, from + widest);
  const head = from > 0 ? '...' : '';
  const before = text.slice(from, at).map(printable).join('');
  const line = `${head}${text.slice(from, to).map(printable).join('')}${to < text.length ? '...' : ''}`;
  return { line, caret: `${' '.repeat(head.length)}${charactersOf(before).map(blankOf).join('')}^` };
}

/** Tabs and control characters would move the caret, or the terminal. */
function printable(character: string): string {
  return /[\u0000-\u001F\u007F-\u009F\u2028\u2029\u202A-\u202E\u2066-\u2069]/.test(character)
    ? ' '
    : character;
}

const wide =
  /[\u1100-\u115F\u2E80-\uA4CF\uAC00-\uD7A3\uF900-\uFAFF\uFE30-\uFE6F\uFF00-\uFF60\uFFE0-\uFFE6]|\p{Emoji_Presentation}/u;

/** As many blanks as the character is wide on a terminal. */
function blankOf(character: string): string {
  if (/\p{Mn}|\p{Me}|\p{Cf}/u.test(character)) return '';
  return wide.test(character) ? '  ' : ' ';
}
