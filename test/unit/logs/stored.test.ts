import { expect } from 'chai';
import fc from 'fast-check';
import { Readable } from 'node:stream';
import { chunksOf, logFolder, nodesIn } from '../../../src/lib/logs/stored/layout.js';
import { LineSplitter } from '../../../src/lib/logs/stored/line-splitter.js';
import type { FileStore } from '../../../src/lib/logs/stored/store.js';

/** A store that holds these empty files. */
function storeOf(...files: string[]): FileStore {
  return {
    list: (folder) => {
      const below = files.filter((file) => file.startsWith(`${folder}/`));
      const names = new Set(below.map((file) => file.slice(folder.length + 1).split('/')[0] ?? ''));
      const isFolder = (name: string) => below.some((file) => file.startsWith(`${folder}/${name}/`));
      return Promise.resolve([...names].map((name) => ({ name, isFolder: isFolder(name), size: null })));
    },
    open: () => Promise.resolve(Readable.from([])),
  };
}

describe('the layout of stored logs', () => {
  it('has a folder for each attempt', async () => {
    const store = storeOf('logs/attempt_0/node_0/logs-0.chunk.txt', 'logs/attempt_1/node_0/logs-0.chunk.txt');
    expect(await logFolder(store, 1)).to.equal('logs/attempt_1');
    expect(await logFolder(store, 2)).to.equal(null);
  });

  it('has nodes at the top in its older form', async () => {
    const store = storeOf('logs/node_0/logs-0.chunk.txt', 'logs/node_10/logs-0.chunk.txt', 'logs/node_2/x');
    expect(await logFolder(store, 0)).to.equal('logs');
    expect(await nodesIn(store, 'logs')).to.deep.equal([0, 2, 10]);
  });

  it('is missing while nothing was stored', async () => {
    expect(await logFolder(storeOf('model/weights.bin'), 0)).to.equal(null);
  });

  it('orders chunks by number and passes over other files', async () => {
    const names = ['logs-10.chunk.txt', 'logs-2.chunk.txt', 'logs-0.chunk.txt', 'notes.txt'];
    const chunks = await chunksOf(storeOf(...names.map((name) => `logs/node_0/${name}`)), 'logs', 0);
    expect(chunks.map(({ index }) => index)).to.deep.equal([0, 2, 10]);
    expect(chunks[2]?.path).to.equal('logs/node_0/logs-10.chunk.txt');
  });
});

describe('lines cut from bytes', () => {
  it('are the same however the bytes are divided', () => {
    const text = fc.array(fc.constantFrom('a', 'ä', '✓', '\n', '\0', ' '), { maxLength: 60 });
    fc.assert(
      fc.property(text, fc.integer({ min: 1, max: 7 }), (parts, size) => {
        const bytes = Buffer.from(parts.join(''));
        const splitter = new LineSplitter();
        const lines: string[] = [];
        for (let from = 0; from < bytes.length; from += size) {
          lines.push(...splitter.push(bytes.subarray(from, from + size)));
        }
        lines.push(...splitter.finish());
        const expected = parts.join('').split('\n');
        if (expected.at(-1) === '') expected.pop();
        expect(lines).to.deep.equal(expected);
      }),
    );
  });

  it('lose the carriage return of their end, and replace what is no UTF-8', () => {
    expect(new LineSplitter().push(Buffer.from('a\r\nb\n'))).to.deep.equal(['a', 'b']);
    expect(new LineSplitter().push(Buffer.from([0x61, 0xff, 0x0a]))).to.deep.equal(['a\uFFFD']);
  });
});
