import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import type { CodeSource } from '../../../src/lib/config/types.js';
import { AirError } from '../../../src/lib/errors.js';
import { commitKey } from '../../../src/lib/launch/snapshot/commit.js';
import { withoutCredentials } from '../../../src/lib/launch/snapshot/provenance.js';
import {
  hasUncommittedChanges,
  packSnapshot,
  planSnapshot,
  provenance,
  type SnapshotPlan,
} from '../../../src/lib/launch/snapshot/index.js';
import { gitHome, gitIn, settledContext } from '../../support/trees.js';

describe('snapshots of commits, and the provenance of code', () => {
  let base: string;
  let root: string;
  let env: NodeJS.ProcessEnv;
  const context = settledContext();
  const diffPath = '/Workspace/launch/git_diff.patch';

  const write = (path: string, content: string): void => {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), content);
  };
  const commit = (message: string): string => {
    gitIn(root, env, 'add', '-A');
    gitIn(root, env, 'commit', '-qm', message, '--allow-empty');
    return gitIn(root, env, 'rev-parse', 'HEAD').trim();
  };
  const plan = (source: Partial<CodeSource>): Promise<SnapshotPlan> =>
    planSnapshot(
      { root_path: root, ...source },
      { configDirectory: base, env, context, cacheDirectory: join(base, 'cache') },
    );
  const pack = async (planned: SnapshotPlan): Promise<Buffer> => {
    const archive = await packSnapshot(planned, { signal: context.signal });
    const bytes = readFileSync(archive.path);
    await archive.dispose();
    return bytes;
  };
  const names = (archive: Buffer): string[] =>
    execFileSync('tar', ['-tzf', '-'], { input: archive, encoding: 'utf8' }).trim().split('\n');
  const failure = async (promise: Promise<unknown>): Promise<AirError> => {
    const thrown: unknown = await promise.then(
      () => null,
      (error: unknown) => error,
    );
    expect(thrown).to.be.instanceOf(AirError);
    return thrown as AirError;
  };
  const state = async (planned: SnapshotPlan): Promise<Record<string, unknown>> =>
    JSON.parse((await provenance(planned, { diffPath }))?.gitState ?? 'null') as Record<string, unknown>;

  let first: string;
  beforeEach(() => {
    base = mkdtempSync(join(tmpdir(), 'air-commit-'));
    env = gitHome(base);
    root = join(base, 'code');
    mkdirSync(root);
    gitIn(root, env, 'init', '-q', '--template=');
    write('train.py', 'first');
    write('src/model.py', 'x');
    first = commit('first');
  });
  afterEach(() => rmSync(base, { recursive: true, force: true }));

  it('are resolved to the full object name, so that a moving name never finds a stale archive', async () => {
    const before = await plan({ git: { commit: 'HEAD' } });
    write('train.py', 'second');
    const second = commit('second');
    const after = await plan({ git: { commit: 'main' } });
    expect([before.commit, after.commit]).to.deep.equal([first, second]);
    expect(before.name).to.equal(`code_${commitKey(first, [], '').slice(0, 16)}.tar.gz`);
    expect((await plan({ git: { commit: first.slice(0, 7) } })).name).to.equal(before.name);
    expect(after.name).to.not.equal(before.name);
  });

  it('ship the commit whatever lies in the working tree, the same bytes every time', async () => {
    write('train.py', 'changed');
    write('new.py', 'x');
    const planned = await plan({ git: { commit: 'HEAD' } });
    expect([planned.files, planned.bytes]).to.deep.equal([2, 6]);
    const bytes = await pack(planned);
    expect(names(bytes)).to.deep.equal(['code/', 'code/src/', 'code/src/model.py', 'code/train.py']);
    expect(bytes.equals(await pack(planned))).to.equal(true);
  });

  it('ship a folder of a repository under a name that says which', async () => {
    write('a/code/x.py', 'x');
    write('b/code/x.py', 'y');
    const sha = commit('second');
    const [a, b] = [
      await plan({ root_path: join(root, 'a/code'), git: { commit: 'HEAD' } }),
      await plan({ root_path: join(root, 'b/code'), git: { commit: 'HEAD' } }),
    ];
    expect(a.name).to.equal(`code_${commitKey(sha, [], 'a/code').slice(0, 16)}.tar.gz`);
    expect(b.name).to.not.equal(a.name);
    expect(names(await pack(a))).to.deep.equal(['code/', 'code/x.py']);
  });

  it('are narrowed by include_paths, and name every one that the commit lacks', async () => {
    write('late/x.py', 'x');
    const planned = await plan({ git: { commit: first }, include_paths: ['./src/'] });
    expect(names(await pack(planned))).to.deep.equal(['code/', 'code/src/', 'code/src/model.py']);
    const error = await failure(plan({ git: { commit: first }, include_paths: ['src', 'late', '-x'] }));
    expect(error.message).to.contain(`include_paths[1]: The commit ${first.slice(0, 8)} has no "late"`);
    expect(error.message).to.contain('include_paths[2]').and.contain('"-x"');
  });

  it('warn of credentials in the commit, which no ignore file keeps back', async () => {
    write('.env', 'TOKEN=x');
    write('.airignore', '.env');
    const planned = await plan({ git: { commit: commit('with credentials') } });
    expect(planned.warnings).to.deep.equal(['.env travels with the code: it is part of the commit.']);
  });

  it('refuse names that no commit here has', async () => {
    const tree = gitIn(root, env, 'rev-parse', 'HEAD^{tree}').trim();
    for (const name of ['0123456789', '--all', tree, 'HEAD:train.py']) {
      const error = await failure(plan({ git: { commit: name } }));
      expect(error.code).to.equal('INVALID_CONFIG');
      expect(error.message).to.contain(name);
    }
    expect((await failure(plan({ git: { branch: 'nope' } }))).message).to.contain('"nope"');
  });

  it('ship a branch only when nothing of the folder would be left out', async () => {
    write('other/x.py', 'x');
    commit('second');
    write('other/y.py', 'new');
    expect((await plan({ root_path: join(root, 'src'), git: { branch: 'main' } })).mode).to.equal(
      'git_branch',
    );
    expect((await plan({ git: { branch: 'main' }, include_paths: ['src'] })).files).to.equal(1);
    const error = await failure(plan({ git: { branch: 'main' } }));
    expect(error.message).to.contain('other/y.py');
  });

  it('refuse a git block outside a repository', async () => {
    mkdirSync(join(base, 'plain'));
    const error = await failure(plan({ root_path: join(base, 'plain'), git: { commit: 'HEAD' } }));
    expect(error.message).to.contain('no git repository');
  });

  it('say where a clean tree comes from, without credentials', async () => {
    gitIn(root, env, 'remote', 'add', 'origin', 'https://me:token@example.com/team/code.git');
    gitIn(root, env, 'update-ref', 'refs/remotes/origin/main', first);
    write('train.py', 'second');
    const second = commit('second');
    const found = await state(await plan({}));
    expect(Object.keys(found)).to.deep.equal([
      'schema_version',
      'packaging_mode',
      'base_commit',
      'tip_commit',
      'branch',
      'repo_url',
      'dirty',
      'diff_status',
      'diff_path',
      'generated_at_utc',
    ]);
    expect(found).to.include({
      schema_version: 1,
      packaging_mode: 'plain_tar',
      base_commit: first,
      tip_commit: second,
      branch: 'main',
      repo_url: 'https://example.com/team/code.git',
      dirty: false,
      diff_status: 'clean',
      diff_path: null,
    });
    expect(found['generated_at_utc']).to.match(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
  });

  it('tell a working tree with changes from one without, and from a commit', async () => {
    expect(await hasUncommittedChanges(await plan({}))).to.equal(false);
    write('new.py', 'x');
    expect(await hasUncommittedChanges(await plan({}))).to.equal(true);
    expect(await hasUncommittedChanges(await plan({ git: { commit: first } }))).to.equal(false);
  });

  it('take no notice of changes that are not shipped', async () => {
    for (const path of ['data/old.csv', 'data/gone/x.csv', 'notes.txt', 'lib/x.py']) write(path, 'x');
    gitIn(root, env, 'add', '-A');
    gitIn(root, env, 'commit', '-qm', 'data');
    write('.airignore', '/data/\nnotes.txt\n.airignore\n');
    write('data/old.csv', 'changed');
    write('data/new.csv', 'x');
    rmSync(join(root, 'data/gone'), { recursive: true });
    rmSync(join(root, 'notes.txt'));
    const planned = await plan({});
    expect(await hasUncommittedChanges(planned)).to.equal(false);
    expect(await state(planned)).to.include({ dirty: false, diff_status: 'clean' });
    rmSync(join(root, 'train.py'));
    expect(await hasUncommittedChanges(await plan({}))).to.equal(true);
    expect(await hasUncommittedChanges(await plan({ include_paths: ['lib'] }))).to.equal(false);
  });

  it('keep held-back files out of the patch, however many they are', async () => {
    write('train.py', 'second\n');
    const folder = 'held-back-'.repeat(15);
    for (let index = 0; index < 800; index++) write(`${folder}/secret-${index}`, 'TOKEN\n');
    write('.airignore', 'secret-*\n');
    const found = await provenance(await plan({}), { diffPath });
    expect(found?.gitDiff?.toString() ?? '').to.not.contain('TOKEN');
    expect(JSON.parse(found?.gitState ?? '')).to.include({ dirty: true });
  });

  it('keep a patch that makes the shipped tree from its commit, new files too, held-back ones not', async () => {
    write('train.py', 'second\n');
    write('new.py', 'new\n');
    write('.airignore', 'secret*\n/private/\n');
    write('secret.env', 'TOKEN=1\n');
    write('private/deep/key', 'TOKEN=2\n');
    const planned = await plan({});
    const before = gitIn(root, env, 'status', '--porcelain');
    const found = await provenance(planned, { diffPath });
    expect(gitIn(root, env, 'status', '--porcelain')).to.equal(before);
    expect(JSON.parse(found?.gitState ?? '')).to.include({
      dirty: true,
      diff_status: 'captured',
      diff_path: diffPath,
    });
    const patch = found?.gitDiff?.toString() ?? '';
    expect(patch).to.not.contain('TOKEN');
    const fresh = join(base, 'fresh');
    gitIn(base, env, 'clone', '-q', root, fresh);
    execFileSync('git', ['-C', fresh, 'apply'], { input: patch, env });
    expect(readFileSync(join(fresh, 'train.py'), 'utf8')).to.equal('second\n');
    expect(readFileSync(join(fresh, 'new.py'), 'utf8')).to.equal('new\n');
  });

  it('keep no patch of more than a MiB, and none for a pinned commit', async () => {
    write('big.txt', '0123456789abcde\n'.repeat(70_000));
    const big = await provenance(await plan({}), { diffPath });
    expect(big).to.not.have.property('gitDiff');
    expect(JSON.parse(big?.gitState ?? '')).to.include({ dirty: true, diff_status: 'size_exceeded' });
    expect(await state(await plan({ git: { commit: 'HEAD' } }))).to.include({
      packaging_mode: 'git_archive',
      tip_commit: first,
      dirty: false,
      diff_status: 'clean',
      branch: null,
    });
  });

  it('say that a tree could not be looked through in time', async () => {
    const slow = join(base, 'bin');
    mkdirSync(slow);
    const git = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
    const script = `#!/bin/sh\ncase " $* " in *" status "*) exec sleep 600;; esac\nexec ${git} "$@"\n`;
    writeFileSync(join(slow, 'git'), script, { mode: 0o755 });
    const planned = await planSnapshot(
      { root_path: root },
      {
        configDirectory: base,
        env: { ...env, PATH: `${slow}:${env['PATH']}` },
        context,
        cacheDirectory: join(base, 'cache'),
      },
    );
    const found = await provenance(planned, { diffPath, budget: 3000 });
    expect(found).to.not.have.property('gitDiff');
    expect(JSON.parse(found?.gitState ?? '')).to.include({
      tip_commit: first,
      dirty: true,
      diff_status: 'timeout',
      diff_path: null,
    });
  });

  it('have nothing to say outside git, and before the first commit', async () => {
    mkdirSync(join(base, 'plain'));
    expect(await provenance(await plan({ root_path: join(base, 'plain') }), { diffPath })).to.equal(null);
    gitIn(join(base, 'plain'), env, 'init', '-q', '--template=');
    expect(await provenance(await plan({ root_path: join(base, 'plain') }), { diffPath })).to.equal(null);
  });

  it('remove what opens a remote from its address, and nothing else', () => {
    const addresses = {
      'https://token@example.com/a.git': 'https://example.com/a.git',
      'https://me:p%40ss@example.com:8443/a@b.git?access=1#x': 'https://example.com:8443/a@b.git',
      'ssh://git@example.com/a.git': 'ssh://example.com/a.git',
      'git@example.com:team/a.git': 'git@example.com:team/a.git',
      '/srv/git/a.git': '/srv/git/a.git',
    };
    for (const [address, shown] of Object.entries(addresses)) {
      expect(withoutCredentials(address)).to.equal(shown);
    }
  });
});
