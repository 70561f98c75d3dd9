import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { makeFolder } from '../../src/lib/folder.js';

describe('making a folder', () => {
  let base: string;
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'air-folder-'));
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  const codeOf = (path: string): unknown => {
    try {
      makeFolder(path);
      return null;
    } catch (error) {
      return (error as NodeJS.ErrnoException).code;
    }
  };

  it('makes those above it too, for their owner alone when asked', () => {
    makeFolder(join(base, 'a/b/c'), 0o700);
    for (const path of ['a', 'a/b', 'a/b/c']) expect(statSync(join(base, path)).mode & 0o777).to.equal(0o700);
  });

  it('leaves one that is there as it is, behind a link too', () => {
    makeFolder(join(base, 'a'), 0o750);
    symlinkSync('a', join(base, 'link'));
    makeFolder(join(base, 'a'), 0o700);
    makeFolder(join(base, 'link/deeper'));
    makeFolder(join(base, 'link'));
    expect(statSync(join(base, 'a')).mode & 0o777).to.equal(0o750);
    expect(existsSync(join(base, 'a/deeper'))).to.equal(true);
  });

  it('fails where a file is in the way', () => {
    writeFileSync(join(base, 'file'), '');
    expect(codeOf(join(base, 'file'))).to.equal('EEXIST');
    expect(codeOf(join(base, 'file/a/b'))).to.equal('ENOTDIR');
  });

  (existsSync('/proc/self') ? it : it.skip)('fails below /proc', () => {
    expect(codeOf('/proc/air/a/b')).to.equal('ENOENT');
  });
});
