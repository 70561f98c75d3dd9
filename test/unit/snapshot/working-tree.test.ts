import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { AirError } from '../../../src/lib/errors.js';
import type { CodeSource } from '../../../src/lib/config/types.js';
import { systemClock, type Context } from '../../../src/lib/io.js';
import { packSnapshot, planSnapshot, type SnapshotPlan } from '../../../src/lib/launch/snapshot/index.js';
import { gitHome, gitIn, settledContext } from '../../support/trees.js';

describe('snapshots of a working tree', () => {
  let base: string;
  let env: NodeJS.ProcessEnv;
  const context = settledContext();

  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'air-tree-'));
    env = gitHome(base);
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  const write = (path: string, content: string | Buffer): void => {
    mkdirSync(join(base, path, '..'), { recursive: true });
    writeFileSync(join(base, path), content);
  };
  const repository = (path = 'code'): string => {
    const root = join(base, path);
    mkdirSync(root, { recursive: true });
    gitIn(root, env, 'init', '-q', '--template=');
    return root;
  };
  const plan = (source: Partial<CodeSource> = {}, surroundings: Context = context): Promise<SnapshotPlan> =>
    planSnapshot(
      { root_path: 'code', ...source },
      { configDirectory: base, env, context: surroundings, cacheDirectory: join(base, 'cache') },
    );
  const pathsOf = ({ content }: SnapshotPlan): string[] =>
    content.kind === 'files' ? content.entries.map(({ path }) => path) : [];
  const pack = async (planned: SnapshotPlan): Promise<Buffer> => {
    const archive = await packSnapshot(planned, { signal: context.signal });
    const bytes = readFileSync(archive.path);
    await archive.dispose();
    return bytes;
  };
  const failure = async (promise: Promise<unknown>): Promise<AirError> => {
    const thrown: unknown = await promise.then(
      () => null,
      (error: unknown) => error,
    );
    expect(thrown).to.be.instanceOf(AirError);
    return thrown as AirError;
  };

  it('are the same bytes in two clones, under different parents, at two times', async () => {
    const root = repository('first/code');
    write('first/code/train.py', 'print(1)\n'.repeat(1000));
    write('first/code/run.sh', '#!/bin/sh\n');
    chmodSync(join(root, 'run.sh'), 0o755);
    symlinkSync('train.py', join(root, 'link.py'));
    gitIn(root, env, 'add', '-A');
    gitIn(root, env, 'commit', '-qm', 'first');
    mkdirSync(join(base, 'second'));
    gitIn(join(base, 'second'), env, 'clone', '-q', root, 'code');
    chmodSync(join(base, 'second/code/train.py'), 0o600);
    utimesSync(join(base, 'second/code/train.py'), 1, 1);

    const [one, two] = [await plan({ root_path: 'first/code' }), await plan({ root_path: 'second/code' })];
    expect(one.name)
      .to.match(/^code_[0-9a-f]{16}\.tar\.gz$/)
      .and.equal(two.name);
    expect((await pack(one)).equals(await pack(two))).to.equal(true);
  });

  it('get another name by one changed byte, the size and the modification time unchanged', async () => {
    repository();
    write('code/train.py', 'lr = 1');
    utimesSync(join(base, 'code/train.py'), 1_700_000_000, 1_700_000_000);
    const before = await plan();
    write('code/train.py', 'lr = 2');
    utimesSync(join(base, 'code/train.py'), 1_700_000_000, 1_700_000_000);
    expect((await plan()).name).to.not.equal(before.name);
    write('code/train.py', 'lr = 1');
    expect((await plan()).name).to.equal(before.name);
  });

  it('get another name by an exec bit, by a name, and by a link in place of a file', async () => {
    const root = repository();
    write('code/a', 'b');
    const names = [(await plan()).name];
    chmodSync(join(root, 'a'), 0o755);
    names.push((await plan()).name);
    rmSync(join(root, 'a'));
    write('code/c', 'b');
    names.push((await plan()).name);
    rmSync(join(root, 'c'));
    symlinkSync('b', join(root, 'c'));
    names.push((await plan()).name);
    expect(new Set(names).size).to.equal(4);
  });

  it('read no content again for an unchanged tree', async function () {
    if (process.platform !== 'linux') this.skip();
    repository();
    write('code/weights.bin', Buffer.alloc(8_000_000, 7));
    const charactersRead = () => Number(/rchar: (\d+)/.exec(readFileSync('/proc/self/io', 'utf8'))?.[1]);
    const readDuring = async (work: () => Promise<unknown>) => {
      const before = charactersRead();
      await work();
      return charactersRead() - before;
    };
    expect(await readDuring(plan)).to.be.greaterThan(8_000_000);
    expect(await readDuring(plan)).to.be.lessThan(1_000_000);
  });

  it('read again what was written within the last second, and what a damaged cache says', async () => {
    repository();
    write('code/train.py', 'lr = 1');
    const { name, content } = await plan({}, { ...context, clock: systemClock });
    const cachePath = content.kind === 'files' ? content.cachePath : '';
    expect(readFileSync(cachePath, 'utf8')).to.not.contain('train.py');
    await plan();
    const cache = readFileSync(cachePath, 'utf8');
    expect(cache).to.contain('train.py');
    writeFileSync(cachePath, cache.replace(/[0-9a-f]{64}/, '0'.repeat(64)));
    expect((await plan()).name).to.equal(name);
  });

  it('hold what .airignore files leave, also where git ignores those files', async () => {
    repository();
    write('code/.gitignore', '.airignore\n');
    write('code/data/.airignore', '*.bin\n!keep.bin\n');
    write('code/data/a.bin', 'a');
    write('code/data/keep.bin', 'a');
    write('code/a.bin', 'a');
    expect(pathsOf(await plan())).to.deep.equal(['.gitignore', 'a.bin', 'data/keep.bin']);
  });

  it('are narrowed by include_paths, taken literally, without bringing ignored files back', async () => {
    repository();
    write('code/.gitignore', '*.log\n');
    for (const path of ['src/a.py', 'src/a.log', '*/b.py', 'lib/c.py', 'logs/d.log'])
      write(`code/${path}`, 'x');
    const include = (...paths: string[]) => plan({ include_paths: paths });
    expect(pathsOf(await include(' ./src/ ', '*'))).to.deep.equal(['*/b.py', 'src/a.py']);
    expect(pathsOf(await include('.'))).to.have.length(4);
    const ignored = await include('lib', 'logs');
    expect(pathsOf(ignored)).to.deep.equal(['lib/c.py']);
    expect(ignored.warnings.join()).to.contain('"logs"');
    const error = await failure(include('lib', 'nope', 'neither'));
    expect(error.code).to.equal('INVALID_CONFIG');
    expect(error.message).to.contain('include_paths[1]: There is no "nope"').and.contain('"neither"');
  });

  it('reach into a submodule by include_paths', async () => {
    const root = repository();
    write('code/sub/deep/a.py', 'x');
    write('code/sub/b.py', 'x');
    repository('code/sub');
    gitIn(join(root, 'sub'), env, 'add', '-A');
    gitIn(join(root, 'sub'), env, 'commit', '-qm', 'first');
    gitIn(root, env, 'add', 'sub');
    expect(pathsOf(await plan({ include_paths: ['sub/deep'] }))).to.deep.equal(['sub/deep/a.py']);
  });

  it('say so when an enclosing repository ignores the folder, and fall back to its rules', async () => {
    repository('outer');
    write('outer/.gitignore', 'code/\n');
    write('outer/code/.gitignore', '*.log\n');
    write('outer/code/a.py', 'x');
    write('outer/code/a.log', 'x');
    const planned = await plan({ root_path: 'outer/code' });
    expect(planned.mode).to.equal('folder');
    expect(pathsOf(planned)).to.deep.equal(['.gitignore', 'a.py']);
    expect(planned.warnings.join()).to.contain('ignores this folder');
  });

  it('take no notice of inherited GIT_* variables', async () => {
    repository();
    write('code/a.py', 'x');
    const other = repository('other');
    env = { ...env, GIT_DIR: join(other, '.git'), GIT_WORK_TREE: other };
    expect(pathsOf(await plan())).to.deep.equal(['a.py']);
  });

  it('take a repository that git cannot read for a folder, and say so', async () => {
    write('code/.git', 'gitdir: /nowhere\n');
    write('code/a.py', 'x');
    const planned = await plan();
    expect(pathsOf(planned)).to.deep.equal(['a.py']);
    expect(planned.warnings.join()).to.contain("without git's list");
  });

  it("show git's remedy for a repository of another owner", async function () {
    if (process.getuid?.() !== 0) this.skip();
    const root = repository();
    write('code/a.py', 'x');
    chownSync(root, 12_345, 12_345);
    chownSync(join(root, '.git'), 12_345, 12_345);
    const error = await failure(plan());
    expect(error.code).to.equal('INVALID_CONFIG');
    expect(error.hint).to.contain(`git config --global --add safe.directory ${root}`);
  });

  it('drop tracked files that lie behind a link now', async () => {
    const root = repository();
    write('code/dir/a.py', 'x');
    write('elsewhere/a.py', 'secret');
    gitIn(root, env, 'add', '-A');
    rmSync(join(root, 'dir'), { recursive: true });
    symlinkSync('../elsewhere', join(root, 'dir'));
    const planned = await plan();
    expect(pathsOf(planned)).to.deep.equal(['dir']);
    expect(planned.warnings.join()).to.contain('point out of the shipped folder');
  });

  it('warn from 50 MB with the command that leaves the heaviest places out', async () => {
    repository();
    write('code/data/raw sets/big.bin', '');
    truncateSync(join(base, 'code/data/raw sets/big.bin'), 50_000_000);
    write('code/train.py', 'x');
    const planned = await plan();
    expect(planned.files).to.equal(2);
    expect(planned.bytes).to.equal(50_000_001);
    expect(planned.largest[0]).to.deep.equal({ path: 'data/raw sets/big.bin', bytes: 50_000_000 });
    const command = / leave that out: (.*)$/m.exec(planned.warnings.join('\n'))?.[1] ?? '';
    expect(command).to.contain('big.bin');
    execFileSync('sh', ['-c', command]);
    const left = await plan();
    expect(left.bytes).to.be.lessThan(1000);
    expect(pathsOf(left)).to.contain('train.py');
  });

  it('warn of files that hold credentials, tracked or not, with the command that keeps them here', async () => {
    const root = repository();
    write('code/.env', 'TOKEN=x');
    gitIn(root, env, 'add', '-A');
    write('code/.gitignore', 'ignored/');
    write('code/ignored/.env', 'TOKEN=x');
    write('code/.env.example', 'TOKEN=');
    write('code/train.py', 'x');
    const ignoreFile = join(root, '.airignore');
    expect((await plan()).warnings).to.deep.equal([
      `.env travels with the code. To keep it here: echo .env >> ${ignoreFile}`,
    ]);
    for (const path of ['certs/a.pem', 'certs/b.pem', 'id_rsa', 'home/.netrc']) write(`code/${path}`, 'x');
    const [warning = '', ...others] = (await plan()).warnings;
    expect(others).to.deep.equal([]);
    expect(warning).to.match(/^\.env, certs\/a\.pem, certs\/b\.pem, and 2 more travel with the code\. /);
    const [, command = ''] = /To keep them here: (.*)$/.exec(warning) ?? [];
    execFileSync('sh', ['-c', command]);
    const left = await plan();
    expect(left.warnings).to.deep.equal([]);
    expect(pathsOf(left)).to.deep.equal(['.airignore', '.env.example', '.gitignore', 'train.py']);
  });

  it('warn of environment files with a name behind theirs, and not of examples', async () => {
    repository();
    const secret = ['.env.local', '.env.production', '.env.staging.local', '.envrc', 'api/.env.local'];
    const harmless = [
      '.env.example',
      '.env.local.example',
      '.env.sample',
      '.env.template',
      'x.env.md',
      'env.local',
    ];
    for (const path of [...secret, ...harmless]) write(`code/${path}`, 'TOKEN=x');
    const [warning = ''] = (await plan()).warnings;
    expect(warning).to.match(/^\.env\.local, \.env\.production, \.env\.staging\.local, and 2 more travel /);
    execFileSync('bash', ['-c', / here: (.*)$/.exec(warning)?.[1] ?? '']);
    const left = await plan();
    expect(left.warnings).to.deep.equal([]);
    expect(pathsOf(left)).to.have.members(['.airignore', ...harmless]);
  });

  for (const files of [['.env'], ['.env', 'a.pem']]) {
    it(`advise a command that leaves the last rule of an .airignore alone: ${files.join(', ')}`, async () => {
      repository();
      for (const path of ['train.py', 'notes.txt', ...files]) write(`code/${path}`, 'x');
      write('code/.airignore', 'notes.txt');
      const [warning = ''] = (await plan()).warnings;
      execFileSync('bash', ['-c', / here: (.*)$/.exec(warning)?.[1] ?? '']);
      expect(pathsOf(await plan())).to.deep.equal(['.airignore', 'train.py']);
    });
  }

  it('advise such a command of heavy places too', async () => {
    repository();
    write('code/train.py', 'x');
    write('code/big.bin', '');
    truncateSync(join(base, 'code/big.bin'), 50_000_000);
    for (const rules of ['notes.txt', 'notes.txt\n']) {
      write('code/notes.txt', 'x');
      write('code/.airignore', rules);
      const [warning = ''] = (await plan()).warnings;
      execFileSync('bash', ['-c', / leave that out: (.*)$/.exec(warning)?.[1] ?? '']);
      expect(readFileSync(join(base, 'code/.airignore'), 'utf8')).to.equal('notes.txt\n/big.bin\n');
    }
  });

  it('refuse a root that is not there, is no folder, or has no name', async () => {
    write('file', 'x');
    for (const root of ['nowhere', 'file', '/']) {
      const error = await failure(plan({ root_path: root }));
      expect(error.code).to.equal('INVALID_CONFIG');
      expect(error.message).to.contain(root);
    }
  });

  describe('with names that are no UTF-8', () => {
    const odd = Buffer.from([...Buffer.from("it's caf"), 0xe9, ...Buffer.from('.py')]);
    const bytesPath = (...parts: (string | Buffer)[]) =>
      Buffer.concat(parts.map((part) => Buffer.from(part)));
    const writeOdd = (folder: string) => {
      try {
        writeFileSync(bytesPath(folder, '/', odd), 'x');
        return true;
      } catch {
        // Some file systems take no such names.
        return false;
      }
    };

    for (const [title, make] of [
      ['in a repository', () => repository()],
      ['outside git', () => (mkdirSync(join(base, 'code')), join(base, 'code'))],
    ] as const) {
      it(`are refused ${title}, and the command in the hint renames them`, async function () {
        const root = make();
        write('code/sub/a b.py', 'x');
        if (!writeOdd(join(root, 'sub'))) this.skip();
        const error = await failure(plan());
        expect(error.code).to.equal('INVALID_CONFIG');
        expect(error.message).to.match(/^This file name is not valid UTF-8 in .*: .*it\\'s caf\\xe9\.py\.$/);
        const command = /^Rename it: (.*)$/.exec(error.hint ?? '')?.[1] ?? '';
        execFileSync('bash', ['-c', command]);
        expect(pathsOf(await plan())).to.deep.equal(['sub/a b.py', "sub/it's caf_.py"]);
      });
    }

    it('are refused in a commit, by their names alone; the first three are named', async function () {
      const root = repository();
      for (const index of [1, 2, 3, 4]) {
        mkdirSync(join(root, `${index}`));
        if (!writeOdd(join(root, `${index}`))) this.skip();
      }
      gitIn(root, env, 'add', '-A');
      gitIn(root, env, 'commit', '-qm', 'odd');
      const { message } = await failure(plan({ git: { commit: 'HEAD' } }));
      expect(message).to.match(/^4 file names are .*: 1\/it.*, 2\/it.*, 3\/it.*, and 1 more\.$/);
    });

    it('are told from names that hold the replacement character', async () => {
      mkdirSync(join(base, 'code'));
      write('code/a\ufffd.py', 'x');
      expect(pathsOf(await plan())).to.deep.equal(['a\ufffd.py']);
    });

    it('are refused as the target of a link, unless an .airignore names the link', async () => {
      const root = repository();
      symlinkSync(odd, join(root, 'link'));
      const { message, hint } = await failure(plan());
      expect(message).to.match(/link .*caf\\xe9\.py/);
      expect(hint).to.contain('.airignore');
      write('code/.airignore', '/link\n');
      expect(pathsOf(await plan())).to.deep.equal(['.airignore']);
    });
  });

  describe('that change while they are packed', () => {
    const changes: [title: string, change: (root: string) => void][] = [
      ['other bytes of the same length', (root) => writeFileSync(join(root, 'a.py'), 'lr = 2')],
      ['longer', (root) => writeFileSync(join(root, 'a.py'), 'lr = 10')],
      ['gone', (root) => rmSync(join(root, 'a.py'))],
      [
        'a link in its place',
        (root) => {
          rmSync(join(root, 'a.py'));
          symlinkSync('/etc/passwd', join(root, 'a.py'));
        },
      ],
      [
        'a link that points elsewhere',
        (root) => {
          rmSync(join(root, 'link'));
          symlinkSync('b', join(root, 'link'));
        },
      ],
    ];
    for (const [title, change] of changes) {
      it(`are an error that may pass: ${title}`, async () => {
        const root = repository();
        write('code/a.py', 'lr = 1');
        symlinkSync('a', join(root, 'link'));
        const planned = await plan();
        change(root);
        const error = await failure(packSnapshot(planned, { signal: context.signal }));
        expect(error.retryable).to.equal(true);
        expect(error.exitCode).to.equal(6);
        expect(error.message).to.match(
          /code\/(a\.py|link) changed (meanwhile|while it was being packed): the code was not/,
        );
        expect(error.hint).to.contain('.airignore');
      });
    }
  });
});
