import { expect } from 'chai';
import fc from 'fast-check';
import { appendFileSync, mkdtempSync, rmSync, truncateSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { LogReader } from '../../src/lib/local/supervisor/log-reader.js';
import { readOpenLine, stateOf, type OpenLine } from '../../src/lib/local/supervisor/open-line.js';
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

  describe('shows a line that has not ended', () => {
    async function untilOpen(file: string, wanted: (line: OpenLine) => boolean): Promise<OpenLine> {
      for (;;) {
        const line = readOpenLine(file, statSync(file).size);
        if (line && wanted(line)) return line;
        await delay(10);
      }
    }

    it('by its latest state, beside the log, which gets it whole when it ends', async () => {
      const file = join(folder, String(count++));
      const writer = new LogWriter(file);
      writer.write(Buffer.from('before\n\r10%'));
      const first = await untilOpen(file, ({ state }) => state === '10%');
      writer.write(Buffer.from('\r20%'));
      const second = await untilOpen(file, ({ state }) => state === '20%');
      expect(second.time > first.time).to.equal(true);
      expect(second.offset).to.equal(statSync(file).size);
      expect(bodies(file).map(String)).to.deep.equal(['before']);
      writer.write(Buffer.from('\r30%\n'));
      expect(readOpenLine(file, statSync(file).size)).to.equal(undefined);
      writer.close();
      expect(bodies(file).map(String)).to.deep.equal(['before', '\r10%\r20%\r30%']);
      const reader = new LogReader(file);
      const [, last] = [...reader.forward(0)];
      reader.close();
      expect(last && last.time > second.time).to.equal(true);
    });

    it('not at all when the machine went down while it was written', () => {
      const file = written(Buffer.from('before\n'));
      for (const rest of ['', '[18', '\0\0\0\0']) {
        writeFileSync(`${file}.open`, rest);
        expect(readOpenLine(file, statSync(file).size)).to.equal(undefined);
      }
    });

    it('as a screen would show it', () => {
      const states: [bytes: string, state: string][] = [
        ['\r1%\r2%', '2%'],
        ['1%\r2%\r', '2%'],
        ['Downloading ...', 'Downloading ...'],
        ['\r', ''],
        ['\r50% \u2588', '50% \u2588'],
      ];
      for (const [bytes, state] of states) expect(stateOf([Buffer.from(bytes)])).to.equal(state);
      expect(stateOf([Buffer.from('\r5'), Buffer.from('0% \u2588').subarray(0, 5)])).to.equal('50% ');
      expect(stateOf([Buffer.alloc(100_000, 'x')])).to.have.length(4096);
    });
  });
});
