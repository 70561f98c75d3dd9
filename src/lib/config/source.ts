/** The characters of a text as people and columns count them: code points. */
export function charactersOf(text: string): string[] {
  return Array.from(text);
}

export interface Place {
  /** From 1. */
  line: number;
  /** In characters (code points), from 1. */
  column: number;
}

/** Stands before the text in some files and is no part of the first line. */
const byteOrderMark = /^\uFEFF/;

/** A text that diagnostics point into: a file, an override as it was typed, or one that a plugin gave. */
export class SourceText {
  private starts: number[] | undefined;

  constructor(
    /** What stands before `:line:column` in a message. */
    readonly name: string,
    readonly text: string,
    readonly origin: 'file' | 'override' | 'plugin' = 'file',
    /** Nothing of the value may be shown: `text` then has it blotted out. */
    readonly secret = false,
  ) {}

  placeOf(offset: number): Place {
    const line = this.lineIndexOf(offset);
    const before = this.text.slice(this.lineStarts[line], offset).replace(byteOrderMark, '');
    return { line: line + 1, column: charactersOf(before).length + 1 };
  }

  /** A line without its break; `line` counts from 1. */
  lineAt(line: number): string {
    const start = this.lineStarts[line - 1] ?? this.text.length;
    return this.text
      .slice(start, this.lineStarts[line])
      .replace(/[\r\n]+$/, '')
      .replace(byteOrderMark, '');
  }

  private get lineStarts(): number[] {
    if (!this.starts) {
      this.starts = [0];
      for (const match of this.text.matchAll(/\r\n|\n|\r/g)) this.starts.push(match.index + match[0].length);
    }
    return this.starts;
  }

  private lineIndexOf(offset: number): number {
    const starts = this.lineStarts;
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = Math.ceil((low + high) / 2);
      if ((starts[middle] ?? 0) <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
