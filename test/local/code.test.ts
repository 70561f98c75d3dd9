import { expect } from 'chai';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { packTar, type TarEntry } from 'modern-tar';
import { unpackCode } from '../../src/lib/local/supervisor/code.js';

const file = (name: string, body = 'x', mode = 0o644): TarEntry => ({
  header: { name, size: Buffer.byteLength(body), type: 'file', mode },
  body,
});
const link = (name: string, linkname: string): TarEntry => ({
  header: { name, size: 0, type: 'symlink', linkname },
});
const hardLink = (name: string, linkname: string): TarEntry => ({
  header: { name, size: 0, type: 'link', linkname },
});

describe('a code archive', () => {
  let base: string;
  let folder: string;
  let outside: string;

  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'air-code-'));
    folder = join(base, 'node', 'code_source');
    outside = join(base, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'kept'), 'as it was');
  });
  afterEach(() => rmSync(base, { recursive: true }));

  async function unpack(entries: TarEntry[], compress = true) {
    const archive = join(base, compress ? 'code.tar.gz' : 'code.tar');
    const bytes = await packTar(entries);
    writeFileSync(archive, compress ? gzipSync(bytes) : bytes);
    return unpackCode(archive, folder);
  }

  /** Nothing but the archive and what lies in the folder has come. */
  function expectConfined(): void {
    expect(readdirSync(outside)).to.deep.equal(['kept']);
    expect(readFileSync(join(outside, 'kept'), 'utf8')).to.equal('as it was');
    expect(
      readdirSync(base)
        .filter((name) => !name.startsWith('code.'))
        .sort(),
    ).to.deep.equal(['node', 'outside']);
    expect(readdirSync(join(base, 'node'))).to.deep.equal(['code_source']);
  }

  for (const compress of [true, false]) {
    it(`is unpacked, ${compress ? 'compressed' : 'plain'}: its one top folder is the code`, async () => {
      const entries = [
        file('app/run.sh', '#!/bin/sh\n', 0o755),
        file('app/data/a'),
        link('app/now', 'data/a'),
      ];
      const unpacked = await unpack(entries, compress);
      expect(unpacked).to.deep.equal({ folder: join(folder, 'app') });
      expect(statSync(join(folder, 'app/run.sh')).mode & 0o111).to.equal(0o111);
      expect(readFileSync(join(folder, 'app/now'), 'utf8')).to.equal('x');
    });
  }

  it('keeps links that point out of it, unfollowed', async () => {
    const unpacked = await unpack([
      link('app/data', outside),
      link('app/up', '../../../outside/kept'),
      link('app/nowhere/gone', '/no/such/file'),
      file('app/main.py'),
    ]);
    expect(unpacked).to.deep.equal({ folder: join(folder, 'app') });
    expect(readlinkSync(join(folder, 'app/data'))).to.equal(outside);
    expect(readlinkSync(join(folder, 'app/up'))).to.equal('../../../outside/kept');
    expect(readlinkSync(join(folder, 'app/nowhere/gone'))).to.equal('/no/such/file');
    expectConfined();
  });

  it('keeps links that lead nowhere, or in a circle', async () => {
    const links = { self: 'self', there: 'back', back: 'there', gone: 'nothing' };
    const entries = Object.entries(links).map(([name, target]) => link(`app/${name}`, target));
    expect(await unpack([...entries, file('app/main.py')])).to.deep.equal({ folder: join(folder, 'app') });
    for (const [name, target] of Object.entries(links))
      expect(readlinkSync(join(folder, 'app', name))).to.equal(target);
  });

  const attacks: [string, () => TarEntry[]][] = [
    ['writes above it', () => [file('../escaped')]],
    ['writes above it from within', () => [file('app/../../escaped')]],
    ['names an absolute path', () => [file(join(outside, 'kept'), 'new')]],
    ['writes through a link that leaves it', () => [link('app', outside), file('app/kept', 'new')]],
    ['replaces what a link points to', () => [link('app/x', join(outside, 'kept')), file('app/x', 'new')]],
    [
      'writes through a chain of links',
      () => [link('a', '.'), link('a/b', '..'), file('b/../escaped', 'new')],
    ],
    ['makes links through links', () => [link('app/out', outside), link('app/out/evil', '/etc/passwd')]],
    ['puts a link above it', () => [link('../../evil', '/etc/passwd')]],
    ['puts a link at an absolute path', () => [link(join(outside, 'evil'), '/etc/passwd')]],
    ['takes in a file from outside', () => [hardLink('app/kept', '../../outside/kept')]],
    ['takes in a file by its absolute path', () => [hardLink('app/kept', join(outside, 'kept'))]],
    [
      'takes in a file through a link',
      () => [link('out', outside), hardLink('in', 'out/kept'), file('in', 'new')],
    ],
  ];
  for (const [what, entries] of attacks) {
    it(`that ${what} changes nothing outside`, async () => {
      await unpack(entries());
      expectConfined();
      expect(existsSync(join(base, 'escaped'))).to.equal(false);
      // Nor has anything outside been made a second name of something inside.
      expect(lstatSync(join(outside, 'kept')).nlink).to.equal(1);
    });
  }

  it('that is none fails in words', async () => {
    for (const bytes of [
      Buffer.from('PK\x03\x04 a zip'),
      gzipSync('short').subarray(0, 12),
      Buffer.alloc(0),
    ]) {
      writeFileSync(join(base, 'code.bin'), bytes);
      const unpacked = await unpackCode(join(base, 'code.bin'), folder);
      if (bytes.length > 0)
        expect(unpacked)
          .to.have.property('failure')
          .that.matches(/code archive could not/);
    }
  });
});
