import stringWidth from 'string-width';

interface Page {
  cells: string[][];
  row: number;
  column: number;
}

const segments = new Intl.Segmenter();

const sequence = /^\u001B(?:\[([?0-9;]*)([A-Za-z])|\][^\u0007\u001B]*(?:\u0007|\u001B\\))/;

/**
 * What a terminal makes of the bytes a program writes: both screens, the cursor and whether it is shown. Knows the
 * sequences that the program uses and throws for any other, so that none goes unchecked.
 */
export class Emulator {
  cursorShown = true;
  alternate = false;
  /** The addresses of the links written so far. */
  readonly links: string[] = [];
  private readonly pages: { first: Page; second: Page };
  private pending = '';

  constructor(
    public columns: number,
    public rows: number,
  ) {
    this.pages = { first: this.emptyPage(), second: this.emptyPage() };
  }

  get lines(): string[] {
    return this.page.cells.map((cells) => cells.join('').trimEnd());
  }

  resize(columns: number, rows: number): void {
    this.columns = columns;
    this.rows = rows;
    for (const page of Object.values(this.pages)) {
      page.cells = Array.from({ length: rows }, (_, index) => (page.cells[index] ?? []).slice(0, columns));
      page.row = Math.min(page.row, rows - 1);
      page.column = Math.min(page.column, columns - 1);
    }
  }

  write(text: string): void {
    this.pending += text;
    while (this.pending !== '') {
      if (this.pending.startsWith('\u001B')) {
        const match = sequence.exec(this.pending);
        // The rest of it is still to come.
        if (!match) return;
        this.obey(match[0], match[1] ?? '', match[2]);
        this.pending = this.pending.slice(match[0].length);
      } else {
        const end = this.pending.indexOf('\u001B');
        const plain = end === -1 ? this.pending : this.pending.slice(0, end);
        for (const { segment } of segments.segment(plain)) this.type(segment);
        this.pending = this.pending.slice(plain.length);
      }
    }
  }

  private get page(): Page {
    return this.alternate ? this.pages.second : this.pages.first;
  }

  private emptyPage(): Page {
    return { cells: Array.from({ length: this.rows }, () => []), row: 0, column: 0 };
  }

  private obey(whole: string, parameters: string, kind: string | undefined): void {
    const { page } = this;
    const count = Number(parameters) || 1;
    if (kind === undefined) this.links.push(whole.slice(5).replace(/(?:\u0007|\u001B\\)$/, ''));
    else if (kind === 'm') return;
    else if (kind === 'A') page.row = Math.max(0, page.row - count);
    else if (kind === 'H') [page.row, page.column] = [0, 0];
    else if (kind === 'K') page.cells[page.row] = parameters === '2' ? [] : this.before();
    else if (kind === 'J') {
      page.cells[page.row] = this.before();
      for (let row = page.row + 1; row < this.rows; row++) page.cells[row] = [];
    } else if (parameters === '?25') this.cursorShown = kind === 'h';
    else if (parameters === '?1049') {
      this.alternate = kind === 'h';
      if (this.alternate) this.pages.second = this.emptyPage();
    } else throw new Error(`A sequence that this terminal does not know: ${JSON.stringify(whole)}`);
  }

  private before(): string[] {
    return (this.page.cells[this.page.row] ?? []).slice(0, this.page.column);
  }

  private type(segment: string): void {
    const { page } = this;
    if (segment.startsWith('\r')) page.column = 0;
    if (segment.endsWith('\n')) this.feed();
    if (/[\r\n]/.test(segment)) return;
    const width = stringWidth(segment);
    if (width === 0) return;
    if (page.column + width > this.columns) {
      page.column = 0;
      this.feed();
    }
    const line = (page.cells[page.row] ??= []);
    while (line.length < page.column) line.push(' ');
    line.splice(page.column, width, segment, ...Array.from({ length: width - 1 }, () => ''));
    page.column += width;
  }

  private feed(): void {
    const { page } = this;
    if (page.row < this.rows - 1) page.row++;
    else page.cells = [...page.cells.slice(1), []];
  }
}
