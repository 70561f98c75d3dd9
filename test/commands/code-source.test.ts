import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect } from 'chai';
import { envelopeOf, runCli, type CliResult } from '../support/cli.js';
import { workload } from '../support/config.js';
import { gitHome, gitIn } from '../support/trees.js';

describe('a code_source that names what is not there', () => {
  let folder: string;
  let env: NodeJS.ProcessEnv;

  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };
  const source = (...lines: string[]): void =>
    write('train.yaml', workload('code_source:', ...lines.map((line) => `  ${line}`)));
  const dryRun = (...args: string[]): Promise<CliResult> =>
    runCli(['run', '-f', 'train.yaml', '--dry-run', ...args], { cwd: folder, env });
  /** `source file:line:column path: message` of every detail. */
  const problems = async (...args: string[]): Promise<string[]> => {
    const result = await dryRun('-o', 'json', ...args);
    expect(result.code, result.stdout).to.equal(2);
    const { error } = envelopeOf(result);
    expect(error?.code).to.equal('INVALID_CONFIG');
    return (error?.details ?? []).map(
      (each) =>
        `${String(each['source'])} ${String(each['file'])}:${String(each['line'])}:${String(each['column'])} ` +
        `${String(each['path'])}: ${String(each['message'])}`,
    );
  };
  const repository = (): string => {
    gitIn(folder, env, 'init', '-q', '--template=', 'code');
    return commit('first');
  };
  const commit = (message: string): string => {
    gitIn(join(folder, 'code'), env, 'add', '-A');
    gitIn(join(folder, 'code'), env, 'commit', '-qm', message);
    return gitIn(join(folder, 'code'), env, 'rev-parse', 'HEAD').trim();
  };

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'air-code-source-'));
    env = gitHome(folder);
    write('code/train.py', 'x');
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  it('is told with the line of the file and what to do', async () => {
    source('root_path: nope');
    const result = await dryRun();
    expect(result.code).to.equal(2);
    expect(result.stderr).to.equal(
      [
        'Error: The code of train.yaml cannot be shipped: one problem.',
        '',
        'train.yaml:7:14  code_source.root_path',
        '  7 |   root_path: nope',
        '    |              ^',
        `  There is nothing at "nope" (read as ${join(folder, 'nope')}).`,
        '  A relative root_path starts at the folder of the workload file.',
        '',
      ].join('\n'),
    );
  });

  it('is told with a variable that is not set, or the folder of a name near by', async () => {
    source('root_path: $AIR_NOWHERE/code-that-is-not-here');
    expect((await problems())[0]).to.match(/There is nothing at .*: AIR_NOWHERE is not set\.$/);
    source('root_path: cod');
    const [detail] = envelopeOf(await dryRun('-o', 'json')).error?.details ?? [];
    expect(detail?.['hint']).to.equal(`Did you mean ${join(folder, 'code')}?`);
  });

  it('stands at root_path when that is no folder that can be shipped', async () => {
    source('root_path: code/train.py');
    expect(await problems()).to.deep.equal([
      `file train.yaml:7:14 code_source.root_path: ` +
        `"code/train.py" (read as ${join(folder, 'code/train.py')}) is not a folder.`,
    ]);
    source('root_path: /');
    expect(await problems()).to.deep.equal([
      'file train.yaml:7:14 code_source.root_path: "/" is the root of the file system, which cannot be shipped.',
    ]);
  });

  it('stands where it is written in the older form too', async () => {
    source('type: snapshot', 'snapshot:', '  root_path: code', '  include_paths:', '    - nope');
    expect(await problems()).to.deep.equal([
      `file train.yaml:11:9 code_source.snapshot.include_paths[0]: There is no "nope" in ${join(folder, 'code')}.`,
    ]);
  });

  it('stands at the override that gave it', async () => {
    source('root_path: code');
    expect(await problems('--override', 'code_source.root_path=nope')).to.deep.equal([
      `override --override code_source.root_path=nope:1:34 code_source.root_path: ` +
        `There is nothing at "nope" (read as ${join(folder, 'nope')}).`,
    ]);
    const result = await dryRun('--override', 'code_source.root_path=nope');
    expect(result.stderr).to.contain('\n--override code_source.root_path=nope\n');
  });

  it('is told of every path of include_paths', async () => {
    source('root_path: code', 'include_paths: [gone, train.py, ./gone/, " far/away"]');
    const code = join(folder, 'code');
    expect(await problems()).to.deep.equal([
      `file train.yaml:8:19 code_source.include_paths[0]: There is no "gone" in ${code}.`,
      `file train.yaml:8:35 code_source.include_paths[2]: There is no "./gone/" in ${code}.`,
      `file train.yaml:8:44 code_source.include_paths[3]: There is no "far/away" in ${code}.`,
    ]);
  });

  it('stands at git outside a repository', async () => {
    source('root_path: code', 'git:', '  commit: main');
    const [problem, ...others] = await problems();
    expect(problem).to.contain('train.yaml:9:5 code_source.git: ').and.contain('in no git repository');
    expect(others).to.deep.equal([]);
  });

  it('stands at the commit or the branch that the repository lacks', async () => {
    repository();
    source('root_path: code', 'git: {commit: "0123456789"}', 'include_paths: [nope]');
    expect(await problems()).to.deep.equal([
      `file train.yaml:8:17 code_source.git.commit: There is no commit "0123456789" in ${join(folder, 'code')}.`,
    ]);
    source('root_path: code', 'git: {branch: nope}');
    expect(await problems()).to.deep.equal([
      `file train.yaml:8:17 code_source.git.branch: There is no local branch "nope" in ${join(folder, 'code')}.`,
    ]);
  });

  it('is told together with everything else that the repository shows', async () => {
    const short = repository().slice(0, 8);
    write('code/new.py', 'x');
    source(
      'root_path: code',
      'include_paths:',
      '  - train.py',
      '  - new.py',
      '  - nope',
      'git: {branch: main}',
    );
    expect((await problems()).map((each) => each.split(': '))).to.deep.equal([
      ['file train.yaml:10:7 code_source.include_paths[1]', `The commit ${short} has no "new.py".`],
      ['file train.yaml:11:7 code_source.include_paths[2]', `The commit ${short} has no "nope".`],
      [
        'file train.yaml:12:17 code_source.git.branch',
        `A branch is shipped as it is committed, and changes in ${join(folder, 'code')} are not`,
        'new.py.',
      ],
    ]);
  });

  it('stands at the commit that has nothing of the folder', async () => {
    const short = repository().slice(0, 8);
    write('code/later/x.py', 'x');
    commit('second');
    source('root_path: code/later', `git: {commit: ${short}}`);
    expect(await problems()).to.deep.equal([
      `file train.yaml:8:17 code_source.git.commit: The commit ${short} has no files in ${join(folder, 'code/later')}.`,
    ]);
  });

  describe('in a file that is wrong elsewhere too', () => {
    const wrong = (...lines: string[]): void => {
      const code = ['code_source:', ...lines.map((line) => `  ${line}`)];
      write(
        'train.yaml',
        workload(...code, 'max_retry: 2').replace('num_accelerators: 8', 'num_accelerators: 6'),
      );
    };
    /** `line:column path` of every problem that an answer names. */
    const placesOf = (result: CliResult): string[] =>
      (envelopeOf(result).error?.details ?? []).map(
        (each) => `${String(each['line'])}:${String(each['column'])} ${String(each['path'])}`,
      );
    const places = async (...args: string[]): Promise<string[]> =>
      placesOf(await dryRun('-o', 'json', ...args));
    it('is told together with the rest, in the order of the file', async () => {
      wrong('root_path: nope');
      const result = await dryRun();
      expect(result.code).to.equal(2);
      expect(result.stderr).to.match(/^Error: train.yaml is not a valid workload: 3 problems.\n/);
      expect(result.stderr).to.contain(
        [
          'train.yaml:7:14  code_source.root_path',
          '  7 |   root_path: nope',
          '    |              ^',
          `  There is nothing at "nope" (read as ${join(folder, 'nope')}).`,
        ].join('\n'),
      );
      expect(await places()).to.deep.equal([
        '3:21 compute.num_accelerators',
        '7:14 code_source.root_path',
        '8:1 max_retry',
      ]);
    });

    it('is told of paths and of what git lacks', async () => {
      wrong('root_path: code', 'include_paths: [train.py, gone]');
      expect(await places()).to.include('8:29 code_source.include_paths[1]');
      repository();
      wrong('root_path: code', 'git: {branch: nope}');
      expect(await places()).to.include('8:17 code_source.git.branch');
    });

    it('is told in the older form and of an override', async () => {
      wrong('type: snapshot', 'snapshot: {root_path: nope}');
      expect(await places()).to.include('8:25 code_source.snapshot.root_path');
      wrong('root_path: code');
      const details = envelopeOf(await dryRun('-o', 'json', '--override', 'code_source.root_path=nope')).error
        ?.details;
      expect(details?.map(({ source: origin, path }) => [origin, path])).to.deep.include([
        'override',
        'code_source.root_path',
      ]);
    });

    it('is told of the root alone while other fields of the code are wrong', async () => {
      wrong('root_path: nope', 'include_path: [gone]');
      expect(await places()).to.include.members([
        '7:14 code_source.root_path',
        '8:3 code_source.include_path',
      ]);
      wrong('root_path: code', 'include_paths: [gone]', 'git: {commit: a, branch: b}');
      expect((await places()).filter((each) => each.includes('code_source'))).to.deep.equal([
        '9:17 code_source.git.commit',
      ]);
      wrong('root_path: [nope]');
      expect((await places()).filter((each) => each.includes('code_source'))).to.deep.equal([
        '7:14 code_source.root_path',
      ]);
    });

    it('is told by the other commands that read a workload', async () => {
      wrong('root_path: nope');
      for (const command of [['run', '-f'], ['convert-to-dabs'], ['config', 'check']]) {
        const result = await runCli([...command, 'train.yaml', '-o', 'json'], { cwd: folder, env });
        expect(placesOf(result), command.join(' ')).to.include('7:14 code_source.root_path');
      }
    });
  });

  it('is told by the check of files that are valid otherwise', async () => {
    source('root_path: nope');
    write('good.yaml', workload('code_source: {root_path: code}'));
    const result = await runCli(['config', 'check', 'good.yaml', 'train.yaml'], { cwd: folder, env });
    expect(result.code).to.equal(2);
    expect(result.stderr)
      .to.contain('\ntrain.yaml:7:14  code_source.root_path\n')
      .and.not.contain('good.yaml');
    const good = await runCli(['config', 'check', 'good.yaml'], { cwd: folder, env });
    expect(good.stdout, good.stderr).to.equal('good.yaml: valid\n');
  });

  it('is told by the conversion to a bundle in the same words', async () => {
    source('root_path: code', 'include_paths: [train.py, nope]');
    const args = ['convert-to-dabs', 'train.yaml', '--override', 'code_source.remote_volume=/Volumes/a/b/c'];
    const result = await runCli([...args, '-o', 'json'], { cwd: folder, env });
    const details = envelopeOf(result).error?.details ?? [];
    expect(details.map(({ source, path }) => [source, path])).to.deep.equal([
      ['file', 'code_source.include_paths[1]'],
      ['override', 'code_source.remote_volume'],
    ]);
    expect(details[0]?.['message']).to.equal(`There is no "nope" in ${join(folder, 'code')}.`);
  });
});
