import { execFileSync } from 'node:child_process';
import { expect } from 'chai';
import { load, problemsOf, workload } from '../../support/config.js';

/** A workload in which lines stand in the place of the field of that name. */
function withField(field: string, ...lines: string[]): string {
  const text = workload();
  if (field === 'command') return text.replace('command: echo hi\n', `${lines.join('\n')}\n`);
  if (field === 'compute') return text.replace(/compute:\n.*\n.*\n/, `${lines.join('\n')}\n`);
  return workload(...lines);
}

/** What a hint says to write, without the indentation of a block. */
function pasted(hint: string): string[] {
  const [first = '', ...block] = hint.split('\n');
  return block.length === 0 ? [first.replace('Write: ', '')] : block.map((line) => line.slice(2));
}

async function hintOf(text: string): Promise<string | undefined> {
  const [problem, ...others] = await problemsOf(text);
  expect(others).to.deep.equal([]);
  return problem?.hint;
}

describe('a value in a form of other tools', () => {
  const corrections: [field: string, lines: string[], hint: string, value?: unknown][] = [
    ['command', ['command: [python, train.py]'], 'Write: command: python train.py'],
    ['command', ['command:', '  - python', '  - train.py'], 'Write: command: python train.py'],
    ['command', ['command: [bash, -c, "a b"]'], "Write: command: bash -c 'a b'"],
    ['command', ['command: ["python train.py"]'], 'Write: command: python train.py'],
    ['command', ['command: [echo, "a: b"]'], "Write: command: 'echo ''a: b'''", "echo 'a: b'"],
    ['command', ['command: ["python train.py", "echo done"]'], 'Write:\n  command: |\n    set -e\n    python train.py\n    echo done', 'set -e\npython train.py\necho done\n'],
    ['command', ['command:', '  - ls', '  - echo done'], 'Write:\n  command: |\n    set -e\n    ls\n    echo done', 'set -e\nls\necho done\n'],
    ['timeout_minutes', ['timeout_minutes: 1h'], 'Write: 60', 60],
    ['timeout_minutes', ['timeout_minutes: 90m'], 'Write: 90', 90],
    ['timeout_minutes', ['timeout_minutes: 1h30m'], 'Write: 90', 90],
    ['timeout_minutes', ['timeout_minutes: "1.5 hours"'], 'Write: 90', 90],
    ['timeout_minutes', ['timeout_minutes: 2d'], 'Write: 2880', 2880],
    ['env_variables', ['env_variables:', '  - A=b'], 'Write:\n  env_variables:\n    A: b', { A: 'b' }],
    ['env_variables', ['env_variables: [A=b=c, B=, C=1]'], "Write:\n  env_variables:\n    A: b=c\n    B: ''\n    C: '1'", { A: 'b=c', B: '', C: '1' }],
    ['env_variables', ['env_variables:', '  - A: b', '  - {name: C, value: d}'], 'Write:\n  env_variables:\n    A: b\n    C: d', { A: 'b', C: 'd' }],
    ['code_source', ['code_source: .'], 'Write:\n  code_source:\n    root_path: .', { root_path: '.' }],
    ['compute', ['compute: GPU_1xA10'], 'Write:\n  compute:\n    num_accelerators: 1\n    accelerator_type: GPU_1xA10', { num_accelerators: 1, accelerator_type: 'GPU_1xA10' }],
    ['environment', ['environment: [numpy, torch==2.1]'], 'Write:\n  environment:\n    dependencies:\n      - numpy\n      - torch==2.1', { dependencies: ['numpy', 'torch==2.1'] }],
    ['environment', ['environment: numpy'], 'Write:\n  environment:\n    dependencies:\n      - numpy', { dependencies: ['numpy'] }],
    ['environment', ['environment: 6'], 'Write:\n  environment:\n    version: 6', { version: '6' }],
    ['environment', ['environment: databricks_ai_v5'], 'Write:\n  environment:\n    version: databricks_ai_v5', { version: 'databricks_ai_v5' }],
    ['environment', ['environment: ghcr.io/acme/trainer:1.4'], 'Write:\n  environment:\n    docker_image:\n      url: ghcr.io/acme/trainer:1.4', { docker_image: { url: 'ghcr.io/acme/trainer:1.4' } }],
    ['env_variables', ['env_variables: A=b C=d'], 'Write:\n  env_variables:\n    A: b\n    C: d', { A: 'b', C: 'd' }],
    ['code_source', ['code_source: [.]'], 'Write:\n  code_source:\n    root_path: .', { root_path: '.' }],
    ['code_source', ['code_source:', '  - src', '  - lib'], 'Write:\n  code_source:\n    root_path: .\n    include_paths:\n      - src\n      - lib', { root_path: '.', include_paths: ['src', 'lib'] }],
    ['permissions', ['permissions: me@example.com'], 'Write:\n  permissions:\n    - user_name: me@example.com\n      level: CAN_VIEW', [{ user_name: 'me@example.com', level: 'CAN_VIEW' }]],
    ['permissions', ['permissions: {group_name: ml, level: CAN_MANAGE}'], 'Write:\n  permissions:\n    - group_name: ml\n      level: CAN_MANAGE', [{ group_name: 'ml', level: 'CAN_MANAGE' }]],
    ['mlflow_run_name', ['mlflow_run_name: my run'], 'Write: mlflow_run_name: my-run', 'my-run'],
    ['compute', ['compute: 8'], 'Write:\n  compute:\n    num_accelerators: 8\n    accelerator_type: GPU_8xH100', { num_accelerators: 8, accelerator_type: 'GPU_8xH100' }],
    ['compute', ['compute: "H100:8"'], 'Write:\n  compute:\n    num_accelerators: 8\n    accelerator_type: GPU_8xH100', { num_accelerators: 8, accelerator_type: 'GPU_8xH100' }],
    ['compute', ['compute: 4x H100'], 'Write:\n  compute:\n    num_accelerators: 4\n    accelerator_type: GPU_1xH100', { num_accelerators: 4, accelerator_type: 'GPU_1xH100' }],
    ['compute', ['compute: [GPU_8xB300, 16]'], 'Write:\n  compute:\n    num_accelerators: 16\n    accelerator_type: GPU_8xB300', { num_accelerators: 16, accelerator_type: 'GPU_8xB300' }],
    ['compute', ['compute:', '  - num_accelerators: 2', '  - accelerator_type: GPU_1xA10'], 'Write:\n  compute:\n    num_accelerators: 2\n    accelerator_type: GPU_1xA10', { num_accelerators: 2, accelerator_type: 'GPU_1xA10' }],
    ['compute', ['compute: 8xh100'], 'Write:\n  compute:\n    num_accelerators: 8\n    accelerator_type: GPU_8xH100', { num_accelerators: 8, accelerator_type: 'GPU_8xH100' }],
  ]; // prettier-ignore
  for (const [field, lines, hint, value] of corrections) {
    it(`is shown as this file takes it: ${lines.join(' ')}`, async () => {
      expect(await hintOf(withField(field, ...lines))).to.equal(hint);
      const text = field === 'timeout_minutes' ? [`${field}: ${pasted(hint).join('')}`] : pasted(hint);
      const { config } = await load(withField(field, ...text));
      const expected = value ?? hint.replace('Write: command: ', '');
      expect(config[field as keyof typeof config]).to.deep.equal(expected);
    });
  }

  for (const lines of [
    ['max_retries: three'],
    ['timeout_minutes: soon'],
    ['timeout_minutes: 45s'],
    ['env_variables: [A]'],
    ['env_variables: [[a]]'],
    ['env_variables: text'],
    ['environment: [{a: b}]'],
    ['parameters: [--lr, 0.1]'],
    ['parameters: 3'],
    ['code_source: [[a]]'],
  ]) {
    it(`is not guessed at: ${lines.join(' ')}`, async () => {
      expect(await hintOf(workload(...lines))).to.equal(undefined);
    });
  }

  const nested: [lines: string[], hint: string][] = [
    [['code_source: {root_path: ., git: main}'], 'Write:\n  git:\n    branch: main'],
    [['code_source: {root_path: ., git: 0a1b2c3d}'], 'Write:\n  git:\n    commit: 0a1b2c3d'],
    [['code_source: {root_path: ., include_paths: "src, lib"}'], 'Write:\n  include_paths:\n    - src\n    - lib'],
    [['environment: {docker_image: "python:3.12"}'], 'Write:\n  docker_image:\n    url: python:3.12'],
    [['permissions: [ml-team]'], 'Write:\n  - group_name: ml-team\n    level: CAN_VIEW'],
    [['env_variables: {DEVICES: [0, 1]}'], 'A variable holds one text: put quotes around it.'],
    [['secrets: {HF: {scope: a, key: b}}'], 'Name a secret scope and a key in it, as in HF: my-scope/my-key'],
  ]; // prettier-ignore
  for (const [lines, hint] of nested) {
    it(`is shown as the field further in takes it: ${lines.join(' ')}`, async () => {
      expect(await hintOf(workload(...lines))).to.equal(hint);
    });
  }

  for (const lines of [
    ['parameters: lr=0.1 epochs=3 name=x amp=true'],
    ['parameters: [--lr=0.1, epochs=3, {name: x}, amp=true]'],
  ]) {
    it(`is shown with the numbers and truths that it holds: ${lines.join(' ')}`, async () => {
      const hint = await hintOf(workload(...lines));
      expect(hint).to.equal('Write:\n  parameters:\n    lr: 0.1\n    epochs: 3\n    name: x\n    amp: true');
      expect((await load(workload(...pasted(hint ?? '')))).hyperparameters).to.contain('epochs: 3');
    });
  }

  const overrides: [override: string, hint: string][] = [
    ['compute=8', 'Write:\n  --override compute.num_accelerators=8 --override compute.accelerator_type=GPU_8xH100'],
    ['environment=numpy', `Write: --override 'environment.dependencies=["numpy"]'`],
    ['code_source=.', 'Write: --override code_source.root_path=.'],
    ['environment.docker_image=python:3.12', 'Write: --override environment.docker_image.url=python:3.12'],
    ['command=[echo, "a b"]', `Write: --override 'command="echo '\\''a b'\\''"'`],
    ['experiment_name=my run', 'Write: --override experiment_name=my-run'],
  ]; // prettier-ignore
  for (const [override, hint] of overrides) {
    it(`is shown as an override when it was one: ${override}`, async () => {
      const [problem] = await problemsOf(workload(), [override]);
      expect(problem?.hint).to.equal(hint);
      const words = execFileSync('bash', ['-c', `printf '%s\\n' ${hint.replace(/^Write:\s+/, '')}`], {
        encoding: 'utf8',
      });
      const given = words
        .trim()
        .split('\n')
        .filter((word) => word !== '--override');
      await load(workload(), given);
    });
  }

  it('is an experiment name made of what was written, with the folder of a path', async () => {
    const named = async (name: string) =>
      hintOf(workload().replace('experiment_name: demo', `experiment_name: ${name}`));
    expect(await named('my first run!')).to.equal('Write: experiment_name: my-first-run');
    expect(await named('runs/exp')).to.equal('Write: experiment_name: runs-exp');
    const path = await named('/Users/me@example.com/exp');
    expect(path).to.equal(
      'Write:\n  experiment_name: exp\n  mlflow_experiment_directory: /Workspace/Users/me@example.com',
    );
    const { config } = await load(workload().replace('experiment_name: demo', pasted(path ?? '').join('\n')));
    expect(config.mlflow_experiment_directory).to.equal('/Workspace/Users/me@example.com');
  });

  const packages: [text: string, list: string[]][] = [
    ['numpy', ['numpy']],
    ['numpy, torch==2.1 pandas>=1', ['numpy', 'torch==2.1', 'pandas>=1']],
    ['torch >= 2, < 3, vllm[a, b]~=0.6', ['torch >= 2, < 3', 'vllm[a, b]~=0.6']],
    ['|\n    numpy\n    -r /Workspace/x', ['numpy', '-r /Workspace/x']],
    ['x @ https://host/x.whl', ['x @ https://host/x.whl']],
    ['numpy ; python_version < "3.12"', ['numpy ; python_version < "3.12"']],
  ];
  for (const [text, list] of packages) {
    it(`is a list when it names packages: ${text}`, async () => {
      const value = text.startsWith('|') ? text : JSON.stringify(text);
      const hint = await hintOf(workload('environment:', `  dependencies: ${value}`));
      const { config } = await load(workload('environment:', `  ${pasted(hint ?? '').join('')}`));
      expect(config.environment?.dependencies).to.deep.equal(list);
    });
  }

  it('never shows a secret', async () => {
    const problems = await problemsOf(
      workload('env_variables:', '  - MY_TOKEN=hush', '  - X=hf_hushhushhush', 'secrets: [A=hush/hush]'),
    );
    expect(problems.map(({ hint }) => hint)).to.deep.equal([
      "Write:\n  env_variables:\n    MY_TOKEN: '***'\n    X: '***'",
      'Write:\n  secrets:\n    A: my-scope/my-key',
    ]);
    expect(JSON.stringify(problems)).not.to.contain('hush');
  });

  for (const line of [
    'env_variables: MY_TOKEN=hush',
    'secrets: A=hush/hush',
    'secrets: hush',
    'parameters: [api_key=hush]',
  ]) {
    it(`never shows a secret that stands in one text or list: ${line}`, async () => {
      const problems = await problemsOf(workload(line));
      expect(problems).to.have.length(1);
      expect(JSON.stringify(problems)).not.to.contain('hush');
    });
  }

  it('shows the form of a secret by its name', async () => {
    expect(await hintOf(workload('secrets: {A: hush.hush}'))).to.equal(
      'Name a secret scope and a key in it, as in A: my-scope/my-key',
    );
  });
});
