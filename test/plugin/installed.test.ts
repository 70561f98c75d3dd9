import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { envelopeOf, packageRoot, type CliResult } from '../support/cli.js';

/** Longest wait for the registry: the package's dependencies are fetched from it. */
const patience = 240_000;

describe('the installed package', function () {
  this.timeout(patience + 30_000);

  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'air-installed-')));
  const prefix = join(folder, 'prefix');
  const installed = join(prefix, 'lib', 'node_modules', '@air-cli', 'air');
  const data = join(folder, '.local', 'share', 'air');
  const source = join(folder, 'plugin');
  const record = join(folder, 'record.jsonl');
  const env: NodeJS.ProcessEnv = {
    ...passed('PATH', 'HTTPS_PROXY', 'https_proxy', 'NO_PROXY', 'no_proxy', 'NODE_EXTRA_CA_CERTS'),
    ...passed('npm_config_registry'),
    npm_config_userconfig: process.env['npm_config_userconfig'] ?? join(homedir(), '.npmrc'),
    npm_config_cache: process.env['npm_config_cache'] ?? join(homedir(), '.npm'),
    npm_config_prefer_offline: 'true',
    // A download that stands still is begun again well before patience ends.
    npm_config_fetch_timeout: '30000',
    npm_config_fetch_retry_mintimeout: '1000',
    npm_config_audit: 'false',
    npm_config_fund: 'false',
    npm_config_update_notifier: 'false',
    HOME: folder,
    NO_COLOR: '1',
    POLICY_RECORD: record,
  };

  before(function () {
    if (run('npm', 'ping').code !== 0) {
      console.error('SKIPPED: the npm registry cannot be reached, so nothing can be installed.');
      this.skip();
    }
    succeed('npm', 'install', '-g', '--prefix', prefix, pack(packageRoot));
    cpSync(join(packageRoot, 'examples', 'plugin-policy'), source, {
      recursive: true,
      filter: (from) => !from.includes('node_modules'),
    });
    writeWorkload();
  });
  after(() => {
    if (existsSync(prefix)) air('local', 'stop');
    rmSync(folder, { recursive: true, force: true });
  });

  it('runs a shipped example on this machine as it is', () => {
    const example = join(installed, 'examples', 'hello', 'train.yaml');
    const result = succeed('air', 'run', '--file', example, '--local', '--watch');
    expect(result.stdout).to.include('Hello from air: node 0 of 1');
    expect(result.stderr).to.match(/✓ Run \d+ succeeded/);
  });

  it('completes commands, and helps, with the copy of the framework that its plugins bring', () => {
    expect(succeed('air', 'autocomplete', 'script', 'bash').stdout).to.include('AIR_AC_BASH_SETUP_PATH');
    expect(succeed('air', 'help', 'run').stdout).to.match(/^submit a training run[^]*EXIT CODES\n/);
  });

  it('takes a plugin from a tarball', () => {
    expect(installPlugin('1.0.0')).to.equal('air-plugin-policy 1.0.0\n');
    expect(succeed('air', 'policy', 'show').stdout).to.include('At most 64 GPUs');
    expect(dataOf('policy', 'show')).to.include({ most_gpus: 64 });
    expect(succeed('air', 'help', 'policy', 'show').stdout).to.include('ENVIRONMENT\n');
  });

  it('asks the hooks of the plugin, in text and in JSON', () => {
    const text = succeed('air', 'run', '--file', 'train.yaml', '--dry-run');
    expect(text.stderr).to.match(
      /^Override by air-plugin-policy: max_retries set to 1\nair-plugin-policy: 1 of 64/,
    );
    expect(dataOf('run', '--file', 'train.yaml', '--dry-run')).to.have.nested.property('plan.max_retries', 1);
    const checked = air('config', 'check', join(installed, 'examples', 'hello', 'train.yaml'), '-o', 'json');
    expect(checked.code).to.equal(2);
    expect(envelopeOf(checked).error?.details?.[0]).to.include({ source: 'plugin', path: 'experiment_name' });
  });

  it('tells the plugin of a run and of its end', () => {
    const result = succeed('air', 'run', '--file', 'train.yaml', '--local', '--watch', '-o', 'json');
    const { run_id } = envelopeOf(result).data!;
    const entries = readFileSync(record, 'utf8').trim().split('\n');
    expect(entries.map((line) => JSON.parse(line) as unknown)).to.deep.equal([
      { event: 'submitted', run_id, experiment_name: 'vision-digits' },
      { event: 'finished', run_id, status: 'SUCCESS' },
    ]);
  });

  it('finds itself for a newer version of the plugin, after npm has taken the link away', () => {
    const link = join(data, 'node_modules', '@air-cli', 'air');
    expect(realpathSync(link)).to.equal(installed);
    expect(installPlugin('1.1.0', () => expect(existsSync(link)).to.equal(false))).to.equal(
      'air-plugin-policy 1.1.0\n',
    );
    expect(dataOf('policy', 'show')).to.include({ most_gpus: 64 });
    expect(realpathSync(link)).to.equal(installed);
  });

  it('forgets a plugin that is uninstalled', () => {
    succeed('air', 'plugins', 'uninstall', 'air-plugin-policy');
    expect(air('policy', 'show').code).to.equal(2);
    expect(succeed('air', 'run', '--file', 'train.yaml', '--dry-run').stderr).not.to.include('policy');
  });

  it('links a folder, and leaves it again', () => {
    succeed('air', 'plugins', 'link', source);
    expect(succeed('air', 'plugins').stdout).to.equal(`air-plugin-policy 1.1.0 (link) ${source}\n`);
    expect(dataOf('policy', 'show')).to.include({ most_gpus: 64 });
    expect(dataOf('run', '--file', 'train.yaml', '--dry-run')).to.have.nested.property('plan.max_retries', 1);
    succeed('air', 'plugins', 'unlink', 'air-plugin-policy');
    expect(succeed('air', 'plugins').stdout).to.equal('No plugins installed.\n');
    expect(existsSync(join(source, 'policy.js'))).to.equal(true);
  });

  function run(program: string, ...args: string[]): CliResult {
    const options = { cwd: folder, env, encoding: 'utf8', timeout: patience } as const;
    const { status, signal, stdout, stderr } = spawnSync(program, args, options);
    return { code: status, signal, stdout, stderr };
  }

  function air(...args: string[]): CliResult {
    return run(join(prefix, 'bin', 'air'), ...args);
  }

  function succeed(program: string, ...args: string[]): CliResult {
    const result = program === 'air' ? air(...args) : run(program, ...args);
    expect(result.code, `${args.join(' ')}: ${result.stderr}`).to.equal(0);
    return result;
  }

  function dataOf(...args: string[]): object {
    return envelopeOf(succeed('air', ...args, '--output', 'json')).data!;
  }

  /** The tarball that npm would publish of a folder that is built. */
  function pack(place: string): string {
    const { stdout } = succeed('npm', 'pack', place, '--ignore-scripts', '--pack-destination', folder);
    return join(folder, stdout.trim());
  }

  /** Installs the example as this version; answers what `air plugins` then says. */
  function installPlugin(version: string, look?: () => void): string {
    for (const name of ['package.json', 'oclif.manifest.json']) {
      const file = join(source, name);
      const content = JSON.parse(readFileSync(file, 'utf8')) as object;
      writeFileSync(file, JSON.stringify({ ...content, version }));
    }
    succeed('air', 'plugins', 'install', `file:${pack(source)}`);
    look?.();
    return succeed('air', 'plugins').stdout;
  }

  function writeWorkload(): void {
    const lines = [
      'experiment_name: vision-digits',
      'compute: { accelerator_type: GPU_1xH100, num_accelerators: 1 }',
      'command: echo trained',
    ];
    writeFileSync(join(folder, 'train.yaml'), `${lines.join('\n')}\n`);
  }
});

/** The variables of this process that are set. */
function passed(...names: string[]): NodeJS.ProcessEnv {
  return Object.fromEntries(
    names.filter((name) => name in process.env).map((name) => [name, process.env[name]]),
  );
}
