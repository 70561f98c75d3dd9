import { Config } from '@oclif/core';
import { expect } from 'chai';
import { packageRoot, runCli } from '../support/cli.js';

const config = await Config.load({ root: packageRoot, devPlugins: false, userPlugins: false });
const own = (config.plugins.get(config.name)?.commands ?? []).filter(({ hidden }) => !hidden);

describe('help', () => {
  for (const command of own) {
    const words = command.id.split(':');
    it(`has a summary, a description and examples for ${words.join(' ')}`, () => {
      expect(command.summary).to.match(/^[^\n]{10,90}$/);
      expect(command.description).to.be.a('string').and.not.equal(command.summary);
      const examples = (command.examples ?? []).map((each) =>
        typeof each === 'string' ? each : each.command,
      );
      expect(examples).not.to.have.length(0);
      for (const example of examples) {
        const pasted = example.replace('<%= config.bin %>', 'air');
        expect(pasted)
          .to.match(/(^|[ (])air [a-z]/)
          .and.not.match(/[<>]%|<[A-Z_]+>/);
        const called = /(?:^|[ (])air ([^"|)]*)/.exec(pasted)![1]!.trim().split(' ').join(':');
        const ids = [command.id, ...command.aliases];
        expect(
          ids.some((id) => `${called}:`.startsWith(`${id}:`)),
          pasted,
        ).to.equal(true);
        for (const [, flag] of pasted.matchAll(/ --(?:no-)?([a-z-]+)/g))
          expect(command.flags).to.have.property(flag!);
      }
      for (const flag of Object.values(command.flags)) {
        expect(flag.summary ?? flag.description, flag.name).to.be.a('string');
      }
    });
  }

  it('shows arguments in the order in which they are typed, and what must be given', async () => {
    for (const [words, usage] of [
      ['local secrets put', 'air local secrets put SCOPE KEY [FLAGS]'],
      ['local secrets delete', 'air local secrets delete SCOPE [KEY] [FLAGS]'],
      ['run', 'air run -f FILE [FLAGS]'],
      ['cancel', 'air cancel [JOB_RUN_ID...] [FLAGS]'],
    ] as const) {
      const { stdout } = await runCli([...words.split(' '), '--help']);
      expect(stdout).to.include(`USAGE\n  $ ${usage}\n`);
    }
  });

  it('names what flags take, lists no exit code that a command cannot end with, and ends with one empty line', async () => {
    const list = await runCli(['list', '--help']);
    expect(list.stdout).to.include('--profile=NAME ').and.include('--limit=N ');
    expect(list.stdout).to.match(/\n {2}5 {4}not found\n[^]*terminated\)\n\n$/);
    for (const name of ['version', 'gpus']) {
      expect((await runCli([name, '--help'])).stdout).not.to.include('not found');
    }
    for (const { id, flags } of own) {
      for (const flag of Object.values(flags)) {
        if (flag.type === 'boolean' || flag.options !== undefined) continue;
        expect(flag.helpValue, `${id} --${flag.name}`).to.be.a('string');
      }
    }
  });

  it('fits the width of a terminal of 80 columns', async () => {
    const { stdout } = await runCli(['wait', '--help']);
    expect(Math.max(...stdout.split('\n').map(({ length }) => length))).to.be.at.most(80);
  });

  it('has a description for every topic', () => {
    const ids = new Set(own.map(({ id }) => id));
    const topics = config.topics.filter(({ name }) => own.some(({ id }) => id.startsWith(`${name}:`)));
    expect(topics.map(({ name }) => name)).to.include.members(['get', 'config', 'local', 'local:secrets']);
    for (const { name, description } of topics) {
      expect(description, name).to.be.a('string');
      // Without a description of its own, a topic is given that of one of its commands.
      const borrowed = own.some(
        (command) => command.id.startsWith(`${name}:`) && command.summary === description,
      );
      expect(ids.has(name) || !borrowed, name).to.equal(true);
    }
  });

  it('ends with the environment variables and the exit codes of the command', async () => {
    for (const [words, variable] of [
      [['run'], 'DATABRICKS_CONFIG_PROFILE'],
      [['config', 'check'], 'NO_COLOR'],
      [['local', 'start'], 'NO_COLOR'],
    ] as const) {
      const { code, stdout } = await runCli([...words, '--help']);
      expect(code).to.equal(0);
      expect(stdout)
        .to.match(/\nENVIRONMENT\n[^]*\nEXIT CODES\n {2}0 /)
        .and.include(variable);
    }
    expect(own.filter((command) => !('reach' in command)).map(({ id }) => id)).to.deep.equal([]);
  });

  it('is the same after the word help, and leads from swapped letters to the command', async () => {
    const flag = await runCli(['logs', '--help']);
    expect(await runCli(['help', 'logs'])).to.deep.equal(flag);
    for (const [typed, meant] of [
      ['rnu', 'run'],
      ['lsit', 'list'],
      ['status', 'get run'],
    ]) {
      const { code, stderr } = await runCli([typed!]);
      expect(code).to.equal(2);
      expect(stderr).to.include(`Did you mean: air ${meant}\n`);
    }
  });
});
