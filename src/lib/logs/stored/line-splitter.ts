/** Cuts a node's bytes into lines, across the borders of reads and files. */
export class LineSplitter {
  private rest: Buffer[] = [];

  /** The lines that these bytes complete. Bytes that are no UTF-8 become U+FFFD. */
  push(bytes: Buffer): string[] {
    const lines: string[] = [];
    let start = 0;
    for (let end = bytes.indexOf(0x0a); end !== -1; end = bytes.indexOf(0x0a, start)) {
      this.rest.push(bytes.subarray(start, end));
      lines.push(this.take());
      start = end + 1;
    }
    if (start < bytes.length) this.rest.push(bytes.subarray(start));
    return lines;
  }

  /** What stands after the last line end, if anything. */
  finish(): string[] {
    return this.rest.length === 0 ? [] : [this.take()];
  }

  private take(): string {
    const [only] = this.rest;
    const bytes = this.rest.length === 1 && only ? only : Buffer.concat(this.rest);
    this.rest = [];
    return bytes.toString('utf8').replace(/\r$/, '');
  }
}
