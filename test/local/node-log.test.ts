import { expect } from 'chai';
import fc from 'fast-check';
import { appendFileSync, mkdtempSync, rmSync, truncateSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LogReader } from '../../src/lib/local/supervisor/log-reader.js';
import { LogWriter } from '../../src/lib/local/supervisor/log-writer.js';

describe("a node's log", () => {
  let folder: string;
  let count = 0;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'air-node-log-'));
  });
  after(() => rmSync(folder, { recursive: true }));

  function written(...chunks: readonly Uint8Array[]): string {
    const file = join(folder, String(count++));
    const writer = new LogWriter(file);
    for (const chunk of chunks) writer.write(Buffer.from(chunk));
    writer.close();
    return file;
  }

  function bodies(file: string): Buffer[] {
    const reader = new LogReader(file);
    try {
      return [...reader.forward(0)].map((line) => Buffer.from(line.body));
    } finally {
      reader.close();
    }
  }

  it('gives back the bytes of every line, however they came', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 40 })), (chunks) => {
        const whole = Buffer.concat(chunks).toString('latin1');
        const lines = whole.split('\n');
        if (lines.at(-1) === '') lines.pop();
        expect(bodies(written(...chunks)).map((body) => body.toString('latin1'))).to.deep.equal(lines);
      }),
    );
  });

  it('keeps NUL, CR, broken UTF-8 and a line of a megabyte', () => {
    const long = Buffer.alloc(1024 * 1024, 'x');
    const odd = Buffer.from([0, 13, 0xff, 0xc3]);
    expect(bodies(written(odd, Buffer.from('\n'), long, Buffer.from('\n')))).to.deep.equal([odd, long]);
  });

  it('has ascending times, and reads the same backwards as forwards', () => {
    const file = written(Buffer.from(Array.from({ length: 20_000 }, (_, i) => `line ${i}\n`).join('')));
    const reader = new LogReader(file);
    const forward = [...reader.forward(0)];
    const backward = [...reader.backward(reader.size)];
    expect(backward.map(({ offset }) => offset).reverse()).to.deep.equal(forward.map(({ offset }) => offset));
    for (const [i, { time }] of forward.entries())
      if (i > 0) expect(time > (forward[i - 1]?.time ?? 0n)).to.be.true;
    const middle = forward[12_345];
    expect(middle).to.exist;
    const from = reader.seek(middle!.time);
    expect(from).to.be.within(middle!.offset - 100_000, middle!.offset);
    reader.close();
  });

  it('reads up to half a record that a crash left, and past nothing', () => {
    const file = written(Buffer.from('one\ntwo\nthree\n'));
    truncateSync(file, statSync(file).size - 2);
    expect(bodies(file).map(String)).to.deep.equal(['one', 'two']);
    appendFileSync(`${file}.index`, Buffer.alloc(5, 1));
    const reader = new LogReader(file);
    expect([...reader.backward(reader.size)].map(({ body }) => String(body))).to.deep.equal(['two', 'one']);
    reader.close();
  });
});
