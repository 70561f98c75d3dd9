import { Config, type Help } from '@oclif/core';
import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { explainField, renderFieldHelp } from '../../src/lib/config/explain.js';
import { fieldPaths } from '../../src/lib/config/fields.js';
import { envelopeOf, packageRoot, runCli, type CliResult } from '../support/cli.js';
import { configFolder, workload } from '../support/config.js';

interface Detail {
  file: string;
  line: number;
  column: number;
  path: string;
  source: string;
  message: string;
  hint?: string;
}

const wrong = workload('max_retry: 2', 'timeout_minutes: "5"').replace(
  'num_accelerators: 8',
  'num_accelerators: 6',
);

interface Folder {
  path: string;
  write: (name: string, text: string) => string;
  /** Runs the program in the folder. */
  air: (...args: string[]) => Promise<CliResult>;
}

function inFolder(): Folder {
  const folder = configFolder();
  return {
    path: folder.path,
    write: (name, text) => folder.write(name, text),
    air: (...args) => runCli(args, { cwd: folder.path, env: { HOME: folder.path } }),
  };
}

/** `file:line:column path` of every detail of an error. */
function detailPlaces(result: CliResult): string[] {
  const details = (envelopeOf(result).error?.details ?? []) as unknown as Detail[];
  return details.map(({ file, line, column, path }) => `${file}:${line}:${column} ${path}`);
}

describe('air config check', () => {
  it('names the files that are valid, and warns on stderr', async () => {
    const { write, air } = inFolder();
    write('a.yaml', workload());
    write('b.yaml', workload('env_variables: {BUCKET: <name>}'));
    const result = await air('config', 'check', 'a.yaml', 'b.yaml');
    expect(result.code, result.stderr).to.equal(0);
    expect(result.stdout).to.equal('a.yaml: valid\nb.yaml: valid\n');
    expect(result.stderr).to.contain('Warning: b.yaml:6:25  env_variables.BUCKET\n');
  });

  it('gives the warnings of each file in JSON', async () => {
    const { write, air } = inFolder();
    write('a.yaml', workload());
    write('b.yaml', workload('env_variables: {BUCKET: <name>}'));
    const result = await air('config', 'check', 'a.yaml', 'b.yaml', '-o', 'json');
    expect(result.code, result.stderr).to.equal(0);
    expect(result.stderr).to.equal('');
    const files = envelopeOf(result).data?.['files'] as { file: string; warnings: Detail[] }[];
    expect(
      files.map(({ file, warnings }) => [file, warnings.map(({ path, line }) => [path, line])]),
    ).to.deep.equal([
      ['a.yaml', []],
      ['b.yaml', [['env_variables.BUCKET', 6]]],
    ]);
  });

  it('shows every problem of every file with its line, and exits 2', async () => {
    const { write, air } = inFolder();
    write('good.yaml', workload());
    write('wrong.yaml', wrong);
    write('broken.yaml', 'command: "echo\n');
    const result = await air('config', 'check', 'good.yaml', 'wrong.yaml', 'broken.yaml', 'missing.yaml');
    expect(result.code).to.equal(2);
    expect(result.stdout).to.equal('');
    expect(result.stderr)
      .to.contain(
        'wrong.yaml:3:21  compute.num_accelerators\n  3 |   num_accelerators: 6\n    |                     ^\n',
      )
      .and.contain('wrong.yaml:6:1  max_retry\n')
      .and.contain('Did you mean max_retries?')
      .and.contain('wrong.yaml:7:18  timeout_minutes\n')
      .and.contain('broken.yaml:1:')
      .and.match(/^missing.yaml\n {2}There is no file missing\.yaml\.\n(?! {2}There)/m)
      .and.not.contain('good.yaml');
  });

  it('puts the problems of all files into one error in JSON', async () => {
    const { write, air } = inFolder();
    write('one.yaml', wrong);
    write('two.yaml', workload('max_retries: -1'));
    const result = await air('config', 'check', 'one.yaml', 'two.yaml', '--json');
    expect(result.code).to.equal(2);
    expect(envelopeOf(result).error).to.include({ code: 'INVALID_CONFIG', retryable: false });
    expect(detailPlaces(result)).to.deep.equal([
      'one.yaml:3:21 compute.num_accelerators',
      'one.yaml:6:1 max_retry',
      'one.yaml:7:18 timeout_minutes',
      'two.yaml:6:14 max_retries',
    ]);
  });

  it('tells of a file that is not there', async () => {
    const result = await inFolder().air('config', 'check', 'nowhere.yaml', '--json');
    expect(envelopeOf(result).error).to.include({
      code: 'NOT_FOUND',
      message: 'There is no file nowhere.yaml.',
    });
    expect(result.code).to.not.equal(0);
  });

  it('says how to read standard input', async () => {
    const { stderr } = await inFolder().air('config', 'check', '-');
    expect(stderr).to.include('/dev/stdin');
  });
});

describe('air config explain', () => {
  it('explains a field as text and in JSON', async () => {
    const { air } = inFolder();
    const text = await air('config', 'explain', 'compute.num_accelerators');
    expect(text.stdout).to.equal(renderFieldHelp(explainField('compute.num_accelerators')));
    const { data } = envelopeOf(await air('config', 'explain', 'compute.num_accelerators', '--json'));
    expect(data).to.deep.equal(explainField('compute.num_accelerators'));
  });

  it('suggests the field that was meant', async () => {
    const result = await inFolder().air('config', 'explain', 'compute.num_acelerators');
    expect(result.code).to.equal(2);
    expect(result.stderr)
      .to.contain('config.compute.num_acelerators')
      .and.contain('Did you mean: air run -h config.compute.num_accelerators');
  });
});

describe('air config schema', () => {
  it('prints the schema that validates, and that the package carries for editors', async () => {
    const { stdout } = await inFolder().air('config', 'schema');
    const own = readFileSync(join(packageRoot, 'src/schemas/run.schema.json'), 'utf8');
    const packed = readFileSync(join(packageRoot, 'dist/schemas/run.schema.json'), 'utf8');
    expect(JSON.parse(stdout)).to.deep.equal(JSON.parse(own)).and.to.deep.equal(JSON.parse(packed));
  });
});

describe('air config init', () => {
  it('writes a file that is valid, and names nothing of this machine', async () => {
    const { path, air } = inFolder();
    const result = await air('config', 'init', 'runs/first.yaml');
    expect(result.code, result.stderr).to.equal(0);
    const text = readFileSync(join(path, 'runs/first.yaml'), 'utf8');
    expect(text).not.to.include(packageRoot).and.not.include(path);
    const check = await air('config', 'check', 'runs/first.yaml');
    expect(check).to.include({ code: 0, stdout: 'runs/first.yaml: valid\n', stderr: '' });
  });

  it('says why a file cannot be written', async () => {
    const { air, write } = inFolder();
    write('file', 'x');
    const refused = async (path: string) => envelopeOf(await air('config', 'init', path, '--json')).error;
    expect(await refused('file/train.yaml')).to.include({
      code: 'INVALID_ARGS',
      message: 'file/train.yaml cannot be written: a part of the path is a file.',
    });
    expect((await air('config', 'init', '.', '--force')).stderr).to.equal(
      'Error: . cannot be written: it is a folder.\n',
    );
  });

  it('names the next commands so that they can be pasted', async () => {
    const { stdout } = await inFolder().air('config', 'init', "it's first.yaml");
    expect(stdout)
      .to.include(`\n  air config check 'it'\\''s first.yaml'\n`)
      .and.include(`\n  air run -f 'it'\\''s first.yaml' --local --watch `)
      .and.include(`\n  air run -f 'it'\\''s first.yaml' --watch `);
  });

  it('overwrites only with --force', async () => {
    const { path, write, air } = inFolder();
    write('train.yaml', 'mine\n');
    const refused = await air('config', 'init', '--json');
    expect(envelopeOf(refused).error).to.include({
      code: 'CONFLICT',
      hint: 'To overwrite it, type: air config init train.yaml --force',
    });
    expect(refused.code).to.not.equal(0);
    expect(readFileSync(join(path, 'train.yaml'), 'utf8')).to.equal('mine\n');
    expect((await air('config', 'init', '--force')).code).to.equal(0);
    expect(readFileSync(join(path, 'train.yaml'), 'utf8')).to.contain('experiment_name:');
  });
});

describe('air run -h config', () => {
  it('answers for every path of the schema', async () => {
    const config = await Config.load(packageRoot);
    const built = (await import(join(packageRoot, 'dist/help.js'))) as { default: typeof Help };
    const said: string[] = [];
    class RecordedHelp extends built.default {
      protected override log(...lines: string[]): void {
        said.push(...lines);
      }
    }
    for (const path of ['', ...fieldPaths()]) {
      said.length = 0;
      const name = path === '' ? 'config' : `config.${path}`;
      await new RecordedHelp(config).showHelp(['run', '-h', name]);
      expect(said.join('\n').split('\n')[0], path).to.equal(name);
      expect(`${said.join('\n')}\n`, path).to.equal(renderFieldHelp(explainField(path)));
    }
  });

  it('answers as text, as JSON, and with a suggestion', async () => {
    const { air } = inFolder();
    const text = await air('run', '-h', 'config.compute');
    expect(text).to.include({ code: 0, stderr: '' });
    expect(text.stdout).to.match(/^config\.compute\n/);
    const json = await air('run', '-h', 'config.compute', '-o', 'json');
    expect(envelopeOf(json).data).to.deep.equal(explainField('compute'));
    const unknown = await air('run', '-h', 'config.comput', '-o', 'json');
    expect(unknown.code).to.equal(2);
    expect(envelopeOf(unknown).error).to.include({
      code: 'INVALID_ARGS',
      hint: 'Did you mean: air run -h config.compute',
    });
  });
});

describe('air run with a file that is not valid', () => {
  it('frames every problem and sends nothing', async () => {
    const { write, air } = inFolder();
    write('train.yaml', wrong);
    const result = await air('run', '-f', 'train.yaml');
    expect(result).to.include({ code: 2, stdout: '' });
    expect(result.stderr)
      .to.contain('train.yaml is not a valid workload: 3 problems.')
      .and.contain(
        'train.yaml:3:21  compute.num_accelerators\n  3 |   num_accelerators: 6\n    |                     ^\n',
      );
    const json = await air('run', '-f', 'train.yaml', '--json');
    expect(json.code).to.equal(2);
    expect(detailPlaces(json)).to.deep.equal([
      'train.yaml:3:21 compute.num_accelerators',
      'train.yaml:6:1 max_retry',
      'train.yaml:7:18 timeout_minutes',
    ]);
  });

  it('frames the override that is wrong', async () => {
    const { write, air } = inFolder();
    write('train.yaml', workload());
    const override = ['--override', 'compute.num_accelerators=12'];
    const text = await air('run', '-f', 'train.yaml', ...override);
    expect(text.code).to.equal(2);
    expect(text.stderr).to.contain(
      '--override compute.num_accelerators=12\n                                    ^\n',
    );
    const json = await air('run', '-f', 'train.yaml', ...override, '--json');
    expect(envelopeOf(json).error?.details?.[0]).to.include({
      source: 'override',
      path: 'compute.num_accelerators',
    });
  });

  it('refuses an override of no field before it reads the file', async () => {
    const result = await inFolder().air(
      'run',
      '-f',
      'nowhere.yaml',
      '--override',
      'compute.gpus=8',
      '--json',
    );
    expect(result.code).to.equal(2);
    expect(envelopeOf(result).error).to.include({
      code: 'INVALID_ARGS',
      message: '--override compute.gpus: "gpus" is not a known field.',
    });
  });
});
