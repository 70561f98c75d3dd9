import { expect } from 'chai';
import { load, workload } from '../../support/config.js';

async function warningsOf(...lines: string[]): Promise<string[]> {
  const text = lines.some((line) => line.startsWith('command:'))
    ? workload(...lines).replace('command: echo hi\n', '')
    : workload(...lines);
  const { warnings } = await load(text);
  return warnings.map(({ path, line, column }) => `${path} ${line}:${column}`);
}

describe('warnings of a workload file', () => {
  const expected: [name: string, lines: string[], warnings: string[]][] = [
    ['nothing', ['max_retries: 1'], []],
    ['a placeholder in angle brackets', ['environment: {unity_catalog_image: "<catalog>.a.b:c"}'], ['environment.unity_catalog_image 6:36']],
    ['a placeholder in underscores', ['parameters:', '  data: [a, __DATA_PATH__]'], ['parameters.data[1] 7:13']],
    ['a comparison that is none', ['parameters: {a: "1 < 2 > 0", b: __init__, c: "x <y> z"}'], []],
    ['a value with a published prefix', ['env_variables: {A: hf_abcdefghijklmn, B: AKIAIOSFODNN7EXAMPLE, C: sk-x}'], ['env_variables.A 6:20', 'env_variables.B 6:42']],
    ['a name that sounds like a secret', ['env_variables: {MY_API_KEY: abcdef, DB_PASSWORD: x1y2}'], ['env_variables.MY_API_KEY 6:29', 'env_variables.DB_PASSWORD 6:50']],
    ['what only sounds like a secret', ['env_variables: {TOKENIZERS_PARALLELISM: false, MAX_TOKENS: 512, TOKEN_FILE: /run/token, T_TOKEN: ""}'], []],
    ['lines without set -e', ['command: |', '  a', '  b'], ['command 5:10']],
    ['lines with set -e', ['command: |', '  # first', '  set -euo pipefail', '  a'], []],
    ['one command over several lines', ['command: |', '  a \\', '    --b \\', '    --c'], []],
    ['another number of nodes', ['command: torchrun --nnodes=2 train.py'], ['command 5:10']],
    ['the same number of nodes', ['command: torchrun --nnodes 1 --nproc_per_node 8 train.py'], []],
    ['a variable number of nodes', ['command: torchrun --nnodes=$NUM_NODES --nnodes=1:4 train.py'], []],
    ['a number that readers take apart', ['parameters: {on: 1, lr: 1e-05, s: "010"}'], ['parameters.on 6:14', 'parameters.lr 6:25']],
  ]; // prettier-ignore
  for (const [name, lines, warnings] of expected) {
    it(`tell ${name}`, async () => {
      expect(await warningsOf(...lines)).to.deep.equal(warnings);
    });
  }

  const spellings: [text: string, hint: string][] = [
    ['yes', 'Write: "yes" (in quotes) or true'],
    ['Off', 'Write: "Off" (in quotes) or false'],
    ['1e-4', 'Write: 1.0e-4'],
    ['2.5e3', 'Write: 2.5e+3'],
    ['010', 'Write: 10 or 8 or "010" (in quotes)'],
    ['08', 'Write: 8 or "08" (in quotes)'],
    ['1_000', 'Write: 1000 or "1_000" (in quotes)'],
    ['1:30', 'Write: 90 or "1:30" (in quotes)'],
    ['2024-01-01', 'Write: "2024-01-01" (in quotes)'],
  ];
  for (const [text, hint] of spellings) {
    it(`tell how to write ${text} so that it is read alike everywhere`, async () => {
      const { warnings } = await load(workload(`parameters: {a: ${text}}`));
      expect(warnings.map((warning) => warning.hint)).to.deep.equal([hint]);
      for (const written of hint.replace('Write: ', '').replaceAll(' (in quotes)', '').split(' or ')) {
        expect((await load(workload(`parameters: {a: ${written}}`))).warnings).to.deep.equal([]);
      }
    });
  }

  it('tell to quote a key that is read as something else', async () => {
    const { warnings } = await load(workload('parameters: {on: 1}'));
    expect(warnings.map(({ hint }) => hint)).to.deep.equal(['Write: "on"']);
  });

  it('tell Windows line ends of the command; those of the file do not reach it', async () => {
    const text = workload('parameters: {a: 1}').replaceAll('\n', '\r\n');
    expect((await load(text)).warnings).to.deep.equal([]);
    const script = text.replace('command: echo hi', 'command: |\r\n  set -e\r\n  echo hi');
    const { config, warnings } = await load(script);
    expect(warnings).to.deep.equal([]);
    expect(config.command).to.equal('set -e\necho hi\n');
    const escaped = workload('command: "set -e\\r\\necho hi"').replace('command: echo hi\n', '');
    expect((await load(escaped)).warnings.map(({ message }) => message)).to.deep.equal([
      'command has Windows line ends.',
    ]);
  });

  it('tell what is shared by aliases once', async () => {
    expect(await warningsOf('parameters: {a: &a [010], b: *a, c: *a}')).to.deep.equal([
      'parameters.a[0] 6:21',
    ]);
  });

  it('show no secret', async () => {
    const { warnings } = await load(workload('env_variables: {HF_TOKEN: hf_hushhushhush}'));
    expect(warnings).to.have.length(1);
    expect(JSON.stringify(warnings)).not.to.contain('hushhush');
    expect(warnings[0]?.frame).to.match(/^Warning: .*train\.yaml:6:27 {2}env_variables\.HF_TOKEN\n/);
  });
});
