import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { expect } from 'chai';
import fc from 'fast-check';
import { unpackTar } from 'modern-tar';
import { ParallelGzip } from '../../../src/lib/launch/snapshot/gzip.js';
import { packSnapshot, planSnapshot } from '../../../src/lib/launch/snapshot/index.js';
import { tarHeader } from '../../../src/lib/launch/snapshot/tar.js';
import { gitHome, settledContext } from '../../support/trees.js';

describe('snapshot archives', () => {
  let base: string;
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'air-archive-'));
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  const plan = (signal?: AbortSignal) =>
    planSnapshot(
      { root_path: 'code' },
      { configDirectory: base, env: gitHome(base), context: settledContext(signal), cacheDirectory: base },
    );

  it('are read alike by GNU tar, by Python and by Node: long, odd and empty names and contents', async () => {
    const long = `${'d'.repeat(90)}/${'ö'.repeat(60)}/${'f'.repeat(120)}.py`;
    const contents: Record<string, Buffer> = {
      [long]: Buffer.from('deep'),
      'ünï 日本.txt': Buffer.from('x'),
      'new\nline': Buffer.from('x'),
      empty: Buffer.alloc(0),
      'block.bin': randomBytes(512),
      'big.bin': randomBytes(3_000_000),
    };
    for (const [path, content] of Object.entries(contents)) {
      mkdirSync(join(base, 'code', path, '..'), { recursive: true });
      writeFileSync(join(base, 'code', path), content);
    }
    symlinkSync('t'.repeat(150), join(base, 'code/link'));
    const archive = await packSnapshot(await plan(), { signal: new AbortController().signal });

    const entries = await unpackTar(gunzipSync(readFileSync(archive.path)));
    const byNode = Object.fromEntries(
      entries
        .filter(({ header }) => header.type === 'file')
        .map(({ header, data }) => [header.name, Buffer.from(data ?? [])]),
    );
    const expected = Object.fromEntries(
      Object.entries(contents).map(([path, bytes]) => [`code/${path}`, bytes]),
    );
    expect(byNode).to.deep.equal(expected);

    const script =
      'import json, sys, tarfile; t = tarfile.open(sys.argv[1]); ' +
      'print(json.dumps([[m.name, m.size, m.linkname] for m in t if not m.isdir()]))';
    const byPython = JSON.parse(
      execFileSync('python3', ['-c', script, archive.path], { encoding: 'utf8' }),
    ) as [string, number, string][];
    expect(Object.fromEntries(byPython.map(([name, size]) => [name, size]))).to.deep.equal({
      ...Object.fromEntries(Object.entries(expected).map(([name, bytes]) => [name, bytes.length])),
      'code/link': 0,
    });
    expect(byPython.find(([name]) => name === 'code/link')?.[2]).to.equal('t'.repeat(150));

    execFileSync('tar', ['-xzf', archive.path, '-C', base, '--transform', 's/^code/gnu/']);
    for (const [path, content] of Object.entries(contents)) {
      expect(readFileSync(join(base, 'gnu', path)).equals(content), path).to.equal(true);
    }
    execFileSync('gzip', ['-t', archive.path]);
    await archive.dispose();
  });

  it('hold one folder when there is nothing to ship', async () => {
    mkdirSync(join(base, 'code'));
    const planned = await plan();
    expect(planned.warnings.join()).to.contain('nothing to ship');
    const archive = await packSnapshot(planned, { signal: new AbortController().signal });
    expect(execFileSync('tar', ['-tzf', archive.path], { encoding: 'utf8' })).to.equal('code/\n');
    await archive.dispose();
  });

  it('leave nothing behind when packing is stopped', async () => {
    mkdirSync(join(base, 'code'));
    writeFileSync(join(base, 'code/big.bin'), randomBytes(30_000_000));
    const planned = await plan();
    const controller = new AbortController();
    const temporary = join(base, 'temporary');
    mkdirSync(temporary);
    const { TMPDIR: usual } = process.env;
    process.env['TMPDIR'] = temporary;
    try {
      const packing = packSnapshot(planned, {
        signal: controller.signal,
        onProgress: () => controller.abort(new Error('stopped')),
      });
      const thrown: unknown = await packing.catch((error: unknown) => error);
      expect(thrown).to.have.property('message', 'stopped');
      expect(readdirSync(temporary)).to.deep.equal([]);
    } finally {
      if (usual === undefined) delete process.env['TMPDIR'];
      else process.env['TMPDIR'] = usual;
    }
  });

  it('never name what lies outside their folder', () => {
    for (const path of ['/etc/passwd', 'code/../x', '..', 'code//x', 'code/./x', '', 'code/a\0b']) {
      expect(() => tarHeader({ path, type: 'file', mode: 0o644, bytes: 0 }), path).to.throw('leave');
    }
  });

  it('give sizes beyond 8 GiB in full', () => {
    const header = tarHeader({ path: 'code/huge', type: 'file', mode: 0o644, bytes: 2 ** 33 + 5 });
    expect(header.toString('latin1')).to.contain('19 size=8589934597\n');
  });

  it('are one gzip stream of exactly what was written, whatever the pieces', async () => {
    const piece = fc.tuple(fc.integer({ min: 0, max: 1_500_000 }), fc.constantFrom(0, 1, 2));
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 5 }), async (pieces) => {
        const input = pieces.map(([size, kind]) =>
          kind === 0 ? Buffer.alloc(size, 'pattern ') : kind === 1 ? randomBytes(size) : Buffer.alloc(size),
        );
        const output: Buffer[] = [];
        const gzip = new ParallelGzip((bytes) => {
          output.push(bytes);
          return Promise.resolve();
        });
        for (const bytes of input) {
          gzip.write(bytes);
          await gzip.catchUp();
        }
        await gzip.end();
        expect(gunzipSync(Buffer.concat(output)).equals(Buffer.concat(input))).to.equal(true);
      }),
      { numRuns: 20 },
    );
  });
});
