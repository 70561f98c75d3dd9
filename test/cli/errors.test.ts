import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { envelopeOf, runCli } from '../support/cli.js';

describe('bad command lines', () => {
  let home: string;
  let env: NodeJS.ProcessEnv;

  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'air-home-'));
    env = { HOME: home };
  });
  after(() => rm(home, { recursive: true, force: true }));

  const hello = 'examples/hello/train.yaml';
  const huge = '99999999999999999999';
  const cases: [line: string, code: string, exit: number, says: string][] = [
    ['nonsense', 'INVALID_ARGS', 2, 'nonsense'],
    ['version --nope', 'INVALID_ARGS', 2, '--nope'],
    ['version extra', 'INVALID_ARGS', 2, 'extra'],
    ['version --local -p x', 'INVALID_ARGS', 2, '--local'],
    ['run', 'INVALID_ARGS', 2, 'file'],
    ['run -f', 'INVALID_ARGS', 2, '--file'],
    ['run -f x.yaml --idempotency-key=', 'INVALID_ARGS', 2, 'empty'],
    [`run -f x.yaml --idempotency-key ${'k'.repeat(65)}`, 'INVALID_ARGS', 2, '65'],
    ['run -f missing.yaml', 'NOT_FOUND', 5, 'missing.yaml'],
    ['run -f ', 'INVALID_ARGS', 2, '--file is empty'],
    ['logs 5 --local --download-to ', 'INVALID_ARGS', 2, '--download-to is empty'],
    ['convert-to-dabs missing.yaml --output-dir ', 'INVALID_ARGS', 2, '--output-dir is empty'],
    ['config init ', 'INVALID_ARGS', 2, 'FILE is empty'],
    [`config init ${'n'.repeat(300)}`, 'INVALID_ARGS', 2, 'ENAMETOOLONG'],
    ['get run', 'INVALID_ARGS', 2, 'JOB_RUN_ID'],
    ['get run abc', 'INVALID_ARGS', 2, 'abc'],
    ['get run 0', 'INVALID_ARGS', 2, '"0"'],
    [`get run ${huge}`, 'INVALID_ARGS', 2, huge],
    ['get run 5', 'UNAUTHENTICATED', 4, '--local'],
    [`run -f ${hello}`, 'UNAUTHENTICATED', 4, '--local'],
    ['get run 5 -p ghost', 'UNAUTHENTICATED', 4, 'ghost'],
  ];

  for (const [line, code, exit, says] of cases) {
    it(`air ${line.slice(0, 50)}: one error, exit ${exit}`, async () => {
      const result = await runCli(line.split(' '), { env });
      expect(result.code).to.equal(exit);
      expect(result.stdout).to.equal('');
      expect(result.stderr)
        .to.match(/^Error: \S/)
        .and.include(says);
      expect(result.stderr.match(/^Error:/gm)).to.have.length(1);
      expect(result.stderr).not.to.match(/\n\s+at |node:internal|\[object/);
    });

    it(`air ${line.slice(0, 50)} --json: one ${code} envelope, exit ${exit}`, async () => {
      const result = await runCli([...line.split(' '), '--json'], { env });
      const { v, error } = envelopeOf(result);
      expect(result.code).to.equal(exit);
      expect(v).to.equal(1);
      expect(error).to.include({ code, retryable: false });
      expect(error?.message)
        .to.be.a('string')
        .and.not.match(/\n\s+at /);
    });
  }

  it('an unknown output format is an error in text', async () => {
    const result = await runCli(['version', '-o', 'yaml'], { env });
    expect(result.code).to.equal(2);
    expect(result.stderr).to.include('yaml');
  });

  const said: [line: string, message: string, hint: string][] = [
    ['run', '--file is missing.', 'For example: air run --file train.yaml --watch'],
    ['run --watch --file', '--file has no value.', 'Its flags and arguments: air run --help'],
    ['run -f x --cancel-on-interrupt', '--cancel-on-interrupt needs --watch.', 'air run --help'],
    [
      'run train.yaml --local',
      'There is no command "run train.yaml".',
      'Did you mean: air run -f train.yaml',
    ],
    ['get run', 'JOB_RUN_ID (id of the job run', 'For example: air get run 123456'],
    ['logs 5 --loca', 'There is no flag --loca.', 'Did you mean: --local'],
    ['logs 5 --tail 3 --minutes 3', '--minutes and --tail exclude each other.', 'air logs --help'],
    ['list --limit many', '--limit is "many": expected a whole number.', 'air list --help'],
    ['list --limit 0', '--limit is "0": expected a whole number from 1 on.', 'air list --help'],
    ['version -o yaml', '--output is "yaml": expected one of text, json.', 'air version --help'],
    ['-v', 'There is no command "-v".', 'Did you mean: air --version'],
    ['-o json list', 'There is no command "-o".', 'Flags stand after the words of a command'],
  ];
  for (const [line, message, hint] of said) {
    it(`air ${line}: says what is wrong and what to type`, async () => {
      const { error } = envelopeOf(await runCli([...line.split(' '), '--json'], { env }));
      expect(error?.message).to.include(message);
      expect(error?.message).not.to.include('\n');
      expect(error?.hint).to.include(hint);
    });
  }

  it('says that a folder to link holds no plugin', async () => {
    const { code, stderr } = await runCli(['plugins', 'link', home], { env });
    expect(code).to.equal(2);
    expect(stderr).to.include(`Error: There is no plugin in ${home}: it has no package.json.\n`);
  });

  it('suggests the command that was meant', async () => {
    const results = await Promise.all([runCli(['versoin'], { env }), runCli(['status', '5'], { env })]);
    expect(results[0].stderr).to.include('air version');
    expect(results[1].stderr).to.include('air get run');
  });
});
