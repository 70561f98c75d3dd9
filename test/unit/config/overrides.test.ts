import { expect } from 'chai';
import { load as loadYaml } from 'js-yaml';
import { loadConfig } from '../../../src/lib/config/load.js';
import { AirError } from '../../../src/lib/errors.js';
import { load, loadError, places, problemsOf, workload } from '../../support/config.js';

describe('--override', () => {
  it('keeps the order of keys and the source text of every scalar it does not touch', async () => {
    const text = workload(
      'env_variables: {A: 010, B: 1.50, C: 0x10, D: 1_000, E: 2024-01-01, F: "q", G: \'s\'}',
      'parameters:',
      '  z: 1e3',
      '  big: 123456789012345678901234567890',
      '  text: |-',
      '    two',
      '    lines',
      '  a: [1.0, yes, ~]',
    );
    const { trainingConfig, config } = await load(text, [
      'compute.num_accelerators=16',
      'parameters.z=5',
      'max_retries=1',
    ]);
    expect(trainingConfig).to.equal(
      `${text.replace('num_accelerators: 8', 'num_accelerators: 16').replace('z: 1e3', 'z: 5')}max_retries: 1\n`,
    );
    expect(config.env_variables).to.deep.equal({
      A: '010',
      B: '1.50',
      C: '0x10',
      D: '1_000',
      E: '2024-01-01',
      F: 'q',
      G: 's',
    });
  });

  it('leaves the bytes of the file alone when there is none', async () => {
    const text = `\uFEFF# first\r\n${workload('parameters: {a: 1} # x').replaceAll('\n', '\r\n')}`;
    expect((await load(text)).trainingConfig).to.equal(text);
  });

  it('says what it changed', async () => {
    const { overrides } = await load(workload('parameters: {a: [1, 2]}'), [
      'parameters.a={b: c}',
      'parameters.new.deep=x=y',
      ' timeout_minutes = 5',
      'parameters.a=',
      'env_variables.MY_TOKEN=abc',
    ]);
    expect(overrides).to.deep.equal([
      { path: 'parameters.a', from: '[1, 2]', to: '{b: c}' },
      { path: 'parameters.new.deep', from: null, to: 'x=y' },
      { path: 'timeout_minutes', from: null, to: '5' },
      { path: 'parameters.a', from: '{b: c}', to: 'null' },
      { path: 'env_variables.MY_TOKEN', from: null, to: '***' },
    ]);
  });

  it('lets the last one win, and lists stand in for lists', async () => {
    const { config } = await load(workload(), [
      'max_retries=1',
      'max_retries=2',
      'permissions=[{user_name: a, level: X}]',
    ]);
    expect(config.max_retries).to.equal(2);
    expect(config.permissions).to.deep.equal([{ user_name: 'a', level: 'X' }]);
  });

  it('changes one place of a value that is shared', async () => {
    const text = workload(
      'parameters:',
      '  one: &x {a: 1, b: {c: 1}}',
      '  two: *x',
      '  three: {<<: *x, d: 4}',
    );
    const { trainingConfig } = await load(text, ['parameters.two.b.c=2', 'parameters.three.a=9']);
    expect(loadYaml(trainingConfig.replace('<<: *x', 'merged: *x')))
      .to.have.property('parameters')
      .that.deep.equals({
        one: { a: 1, b: { c: 1 } },
        two: { a: 1, b: { c: 2 } },
        three: { merged: { a: 1, b: { c: 1 } }, d: 4, a: 9 },
      });
    const anchored = await load(text, ['parameters.one.a=7']);
    expect(anchored.hyperparameters).to.contain('one:\n    a: 7').and.to.contain('two:\n    a: 1');
  });

  it('starts from nothing in an empty file', async () => {
    const { config, trainingConfig } = await load('# nothing\n', [
      'experiment_name=demo',
      'command=echo hi',
      'compute={accelerator_type: GPU_1xA10, num_accelerators: 1}',
    ]);
    expect(config.experiment_name).to.equal('demo');
    expect(loadYaml(trainingConfig)).to.have.property('command', 'echo hi');
  });

  it('is named as the source of a problem, in the order of the command line, after the file', async () => {
    const problems = await problemsOf(workload('zzz: 1'), [
      'timeout_minutes=0',
      'compute.num_accelerators=12',
    ]);
    expect(
      problems.map(({ source, file, line, column }) => ({ source, file, line, column })).slice(1),
    ).to.deep.equal([
      { source: 'override', file: '--override timeout_minutes=0', line: 1, column: 28 },
      { source: 'override', file: '--override compute.num_accelerators=12', line: 1, column: 37 },
    ]);
    expect(problems[0]?.path).to.equal('zzz');
    expect(problems[1]?.frame).to.match(/^--override timeout_minutes=0\n {27}\^\n/);
  });

  it('does not echo the value of a name that sounds like a secret', async () => {
    for (const override of [
      'env_variables.HF_TOKEN=[hush]',
      'idempotency_token=[hush]',
      'secrets.MY_PASSWORD=hush',
      'parameters.api_key: x=hush',
    ]) {
      const error = await loadError(workload(), [override, 'max_retries=-1']);
      expect(JSON.stringify([error.message, error.hint, error.details]), override).not.to.contain('hush');
    }
  });

  const refused: [override: string, message: RegExp, hint?: RegExp][] = [
    ['compute', /KEY=VALUE/, /compute\.num_accelerators=32/],
    ['train.yaml', /KEY=VALUE/, /air run -f train\.yaml/],
    ['=3', /empty/],
    ['compute.num_acelerators=1', /not a known field/, /Did you mean num_accelerators/],
    ['compute.gpus=1', /not a known field/, /Did you mean num_accelerators\?/],
    ['hyperparameters.lr=1', /not a known field/, /Did you mean parameters\?/],
    ['num_accelerators=1', /not a known field/, /^Did you mean compute\.num_accelerators\?$/],
    ['nope.x=1', /not a known field/, /Fields: code_source, command/],
    ['compute..x=1', /not a known field/],
    ['max_retries.x=1', /has no fields/],
    ['permissions.level=X', /give the whole list/],
    ['parameters..x=1', /empty/],
    ['command=a: [', /cannot be read/, /Quote/],
    ['command=*x', /cannot be read/],
  ];
  for (const [override, message, hint] of refused) {
    it(`refuses ${override} before it reads the file`, async () => {
      const error = await loadConfig('/nowhere/at/all.yaml', { overrides: [override] }).catch(
        (thrown: unknown) => thrown,
      );
      expect(error).to.be.instanceOf(AirError).and.to.include({ code: 'INVALID_ARGS', exitCode: 2 });
      expect((error as AirError).message).to.match(message);
      if (hint) expect((error as AirError).hint).to.match(hint);
    });
  }

  it('fails with NOT_FOUND for a file that is not there', async () => {
    const error = await loadConfig('/nowhere/at/all.yaml').catch((thrown: unknown) => thrown);
    expect(error).to.include({ code: 'NOT_FOUND', exitCode: 5 });
  });

  it('replaces what is no map on its way, and reports what does not fit', async () => {
    expect(
      places(await problemsOf(workload('code_source: 3'), ['code_source.git.commit=abc'])),
    ).to.deep.equal(['code_source.root_path 1:12']);
  });
});
