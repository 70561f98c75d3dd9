import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import fc from 'fast-check';
import { packSnapshot, planSnapshot, type SnapshotPlan } from '../../../src/lib/launch/snapshot/index.js';
import { gitHome, gitIn, harvest, plant, settledContext, treeArbitrary } from '../../support/trees.js';

describe('snapshots against git itself', function () {
  this.timeout(120_000);

  let base: string;
  let env: NodeJS.ProcessEnv;
  let count = 0;
  const context = settledContext();

  before(() => {
    base = mkdtempSync(join(tmpdir(), 'air-git-'));
    env = gitHome(base);
  });
  after(() => rmSync(base, { recursive: true, force: true }));

  const newPlace = (): string => {
    const place = join(base, String(count++));
    mkdirSync(place);
    return place;
  };

  const planOf = (root: string): Promise<SnapshotPlan> =>
    planSnapshot(
      { root_path: root },
      { configDirectory: base, env, context, cacheDirectory: join(base, 'cache') },
    );

  const pathsOf = ({ content }: SnapshotPlan): string[] =>
    content.kind === 'files' ? content.entries.map(({ path }) => path) : [];

  const listOf = (directory: string, ...args: string[]): string[] =>
    gitIn(directory, env, 'ls-files', '-z', ...args)
      .split('\0')
      .slice(0, -1);

  /** The list that git itself gives: what is shipped of a tree with nothing nested and nothing deleted. */
  const gitList = (directory: string): string[] =>
    [...new Set(listOf(directory, '--cached', '--others', '--exclude-standard'))].sort();

  const unpacked = async (plan: SnapshotPlan, place: string): Promise<Map<string, string>> => {
    const archive = await packSnapshot(plan, { signal: context.signal });
    const target = join(place, 'unpacked');
    mkdirSync(target);
    try {
      execFileSync('tar', ['-xzf', archive.path, '-C', target]);
    } finally {
      await archive.dispose();
    }
    return harvest(join(target, plan.directory));
  };

  it('ship exactly the files of git ls-files, byte for byte and with their modes', async () => {
    await fc.assert(
      fc.asyncProperty(treeArbitrary('.gitignore'), fc.boolean(), async (sprouts, tracked) => {
        const place = newPlace();
        const root = join(place, 'code');
        plant(root, sprouts);
        gitIn(root, env, 'init', '-q', '--template=');
        if (tracked) gitIn(root, env, 'add', '-A');
        const plan = await planOf(root);
        const expected = gitList(root);
        expect(pathsOf(plan)).to.deep.equal(expected);
        const all = harvest(root);
        const wanted = new Map(expected.map((path) => [path, all.get(path)]));
        expect(await unpacked(plan, place)).to.deep.equal(wanted);
        rmSync(place, { recursive: true });
      }),
      { numRuns: 20 },
    );
  });

  it('leave out what .airignore files name, by the rules of git', async () => {
    await fc.assert(
      fc.asyncProperty(treeArbitrary('.gitignore', '.airignore'), async (sprouts) => {
        const place = newPlace();
        const root = join(place, 'code');
        plant(root, sprouts);
        gitIn(root, env, 'init', '-q', '--template=');
        const kept = new Set(listOf(root, '--others', '--exclude-per-directory=.airignore'));
        const expected = gitList(root).filter((path) => kept.has(path));
        expect(pathsOf(await planOf(root))).to.deep.equal(expected);
        rmSync(place, { recursive: true });
      }),
      { numRuns: 20 },
    );
  });

  it('ship the same of a folder outside git', async () => {
    await fc.assert(
      fc.asyncProperty(treeArbitrary('.gitignore'), async (sprouts) => {
        const place = newPlace();
        const root = join(place, 'code');
        plant(root, sprouts);
        const plan = await planOf(root);
        expect(plan.mode).to.equal('folder');
        gitIn(root, env, 'init', '-q', '--template=');
        const repository = await planOf(root);
        expect(pathsOf(plan)).to.deep.equal(gitList(root));
        expect(plan.name).to.equal(repository.name);
        rmSync(place, { recursive: true });
      }),
      { numRuns: 20 },
    );
  });

  it('walk submodules and nested repositories with their own lists, and drop deleted files', async () => {
    const small = treeArbitrary('.gitignore');
    await fc.assert(
      fc.asyncProperty(small, small, small, fc.integer(), async (outer, sub, nested, seed) => {
        const place = newPlace();
        const [root, origin] = [join(place, 'code'), join(place, 'origin')];
        plant(origin, sub);
        gitIn(origin, env, 'init', '-q', '--template=');
        gitIn(origin, env, 'add', '-A');
        gitIn(origin, env, 'commit', '-qm', 'first', '--allow-empty');
        plant(root, outer);
        gitIn(root, env, 'init', '-q', '--template=');
        gitIn(root, env, 'submodule', '--quiet', 'add', '--force', origin, 'mods/sub');
        gitIn(root, env, 'add', '-A');
        const nestedRoot = join(root, 'mods/nested');
        plant(nestedRoot, nested);
        gitIn(nestedRoot, env, 'init', '-q', '--template=');
        gitIn(nestedRoot, env, 'add', '-A');
        gitIn(nestedRoot, env, 'commit', '-qm', 'first', '--allow-empty');
        writeFileSync(join(root, 'mods/sub/untracked.txt'), 'new');
        const tracked = listOf(root).filter((path) => !path.startsWith('mods/'));
        const gone = tracked[Math.abs(seed) % Math.max(tracked.length, 1)];
        if (gone !== undefined) rmSync(join(root, gone));

        const nestedIsListed = gitList(root).includes('mods/nested/');
        const expected = [
          ...gitList(root).filter((path) => path !== gone && path !== 'mods/sub' && path !== 'mods/nested/'),
          ...gitList(join(root, 'mods/sub')).map((path) => `mods/sub/${path}`),
          ...(nestedIsListed ? gitList(nestedRoot).map((path) => `mods/nested/${path}`) : []),
        ].sort();
        const present = harvest(root);
        expect(pathsOf(await planOf(root))).to.deep.equal(expected.filter((path) => present.has(path)));
        rmSync(place, { recursive: true });
      }),
      { numRuns: 4 },
    );
  });
});
