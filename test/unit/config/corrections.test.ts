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
  ]) {
    it(`is not guessed at: ${lines.join(' ')}`, async () => {
      expect(await hintOf(workload(...lines))).to.equal(undefined);
    });
  }

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

  it('shows the form of a secret by its name', async () => {
    expect(await hintOf(workload('secrets: {A: hush.hush}'))).to.equal(
      'Name a secret scope and a key in it, as in A: my-scope/my-key',
    );
  });
});
