import { expect } from 'chai';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { envelopeOf, packageRoot, runCli } from '../support/cli.js';

const onOurs = (body: string) =>
  `import { AirCommand } from '@air-cli/air/plugin';
   export default class Go extends AirCommand {
     static summary = 'go';
     async work() { await this.parse(Go); ${body} }
   }`;

describe('a plugin that is not as it should be', () => {
  let folder: string;
  let env: NodeJS.ProcessEnv;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'air-plugins-'));
    env = { HOME: folder, AIR_DATA_DIR: join(folder, 'data') };
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Writes a plugin of one command, "odd go", without a manifest, and links it as a user does. */
  async function link(code: string, prepare?: (root: string) => Promise<void>) {
    const root = join(folder, 'odd');
    await mkdir(join(root, 'commands', 'odd'), { recursive: true });
    const oclif = { commands: './commands', topicSeparator: ' ' };
    await writeFile(
      join(root, 'package.json'),
      JSON.stringify({ name: 'odd', version: '1.0.0', type: 'module', oclif }),
    );
    await writeFile(join(root, 'commands', 'odd', 'go.js'), code);
    await prepare?.(root);
    return air('plugins', 'link', root, '--no-install');
  }

  async function air(...args: string[]) {
    const result = await runCli(args, { env });
    expect(result.stderr).not.to.match(/\(node:|^\s+at /m);
    return result;
  }

  it('is used without a manifest', async () => {
    const linked = await link(onOurs(`return { data: { went: true }, text: () => 'went\\n' }`));
    expect(linked.code).to.equal(0);
    expect(linked.stderr).not.to.include('Warning');
    expect(await air('odd', 'go')).to.include({ code: 0, stdout: 'went\n', stderr: '' });
    expect(envelopeOf(await air('odd', 'go', '-o', 'json')).data).to.deep.equal({ went: true });
    expect((await air('help', 'odd')).stdout).to.include('odd go  go');
  });

  it('is named when its command throws', async () => {
    await link(onOurs(`throw new TypeError('boom')`));
    const text = await air('odd', 'go');
    expect(text).to.include({ code: 7, stdout: '' });
    expect(text.stderr).to.match(/^Error: The plugin odd failed: boom\nHint: .*air plugins uninstall odd\n$/);
    const { error } = envelopeOf(await air('odd', 'go', '-o', 'json'));
    expect(error).to.include({ code: 'INTERNAL_ERROR', message: 'The plugin odd failed: boom' });
  });

  it('ends in an error when it forgets a promise that fails', async () => {
    const forget = `void Promise.reject(new TypeError('stray'));`;
    await link(onOurs(`${forget} await new Promise((done) => setTimeout(done, 5000)); return {};`));
    const text = await air('odd', 'go');
    expect(text).to.include({ code: 7, stdout: '' });
    expect(text.stderr).to.match(/^Error: Unexpected fault: stray\nHint: /);
    expect(envelopeOf(await air('odd', 'go', '-o', 'json')).error?.message).to.include('stray');
  });

  it('may bring a framework of its own', async () => {
    const linked = await link(
      `import { Command, Flags } from '@oclif/core';
       export default class Go extends Command {
         static summary = 'go';
         static flags = { to: Flags.string({ required: true }) };
         async run() {
           const { flags } = await this.parse(Go);
           if (flags.to === 'nowhere') throw new Error('lost');
           if (flags.to === 'moon') this.error('too far', { exit: 9 });
           this.log('gone to ' + flags.to);
         }
       }`,
      async (root) => {
        const place = join(root, 'node_modules', '@oclif', 'core');
        await mkdir(dirname(place), { recursive: true });
        await symlink(join(packageRoot, 'node_modules', '@oclif', 'core'), place);
      },
    );
    expect(linked.code).to.equal(0);
    expect(await air('odd', 'go', '--to', 'town')).to.include({
      code: 0,
      stdout: 'gone to town\n',
      stderr: '',
    });
    expect((await air('odd', 'go', '--to', 'nowhere')).stderr).to.match(
      /^Error: The plugin odd failed: lost\n/,
    );
    const usage = await air('odd', 'go');
    expect(usage.code).to.equal(2);
    expect(usage.stderr).to.include('is missing.');
    expect((await air('odd', 'go', '--help')).stdout).to.include('--to');
  });

  for (const [title, code, says] of [
    ['is no JavaScript', 'export default class {{{', "Unexpected token '{'"],
    ['imports what is not there', `import 'nowhere';`, "Cannot find package 'nowhere'"],
    ['holds no command', 'export const nothing = 1;', 'command odd:go not found'],
  ] as const) {
    it(`is named when its file ${title}, when it is linked and later, and everything else works`, async () => {
      expect((await link(code)).stderr).to.include(`The plugin odd cannot be loaded whole: ${says}`);
      const warned = await air('version', '-o', 'json');
      expect(warned.code).to.equal(0);
      expect(warned.stderr)
        .to.match(/^Warning: The plugin odd cannot be loaded whole: .*\n {2}To remove it, type: .*\n$/)
        .and.include(says);
      expect(envelopeOf(warned).data).to.have.property('version');
      expect(envelopeOf(await air('odd', 'go', '-o', 'json')).error).to.include({ code: 'INVALID_ARGS' });
      expect((await air('plugins', 'uninstall', 'odd')).code).to.equal(0);
      expect(await air('version')).to.include({ code: 0, stderr: '' });
    });
  }

  for (const content of ['{', '{"oclif":{"plugins":{}}}', '{"oclif":{"plugins":[null]}}']) {
    it(`is no plugin when the list of plugins is ${content}, and that is said`, async () => {
      await mkdir(join(folder, 'data'));
      const list = join(folder, 'data', 'package.json');
      await writeFile(list, content);
      const result = await air('version');
      expect(result.code).to.equal(0);
      expect(result.stderr).to.equal(
        `Warning: The list of plugins ${list} cannot be read, so no plugin is loaded.\n` +
          `  To start again without plugins, type: rm ${list}\n`,
      );
    });
  }
});
