import { expect } from 'chai';
import { load, loadError, places, problemsOf, workload } from '../../support/config.js';

/** The only problem of a text. */
async function onlyProblem(
  text: string | Buffer,
): Promise<{ place: string; message: string; frame: string }> {
  const problems = await problemsOf(text);
  expect(places(problems)).to.have.length(1);
  const [{ line, column, message, frame = '' }] = problems as [(typeof problems)[0]];
  return { place: `${line}:${column}`, message, frame };
}

describe('the syntax of a workload file', () => {
  const cases: [name: string, text: string | Buffer, place: string, message: RegExp][] = [
    ['an empty file', '', '1:1', /empty/],
    ['comments only', '# a\n\n# b\n', '1:1', /empty/],
    ['a null document', '---\n...\n', '1:1', /empty/],
    ['a list', '\n- a\n', '2:1', /holds a list/],
    ['a scalar', 'hello', '1:1', /single value/],
    ['a second document', workload('---', 'experiment_name: x'), '6:1', /second YAML document/],
    ['an empty second document', workload('---'), '6:1', /second YAML document/],
    ['a value after a value', 'a: b: c\n', '1:5', /not valid YAML/],
    ['a colon in a value', 'command: echo --x: y\n', '1:18', /the value of command holds another ": "/],
    ['a quote in quotes', "command: 'it's'\n", '1:14', /more text follows the closing '/],
    [
      'an indent of its own',
      'env_variables:\n  A: 1\n B: 2\n',
      '3:2',
      /1 space, the one above with 2 spaces/,
    ],
    ['a line without a colon', 'command: x\nfoo\n', '2:4', /no ": "/],
    ['a value that begins with a star', workload('usage_policy_name: *x'), '6:20', /anchor &x/],
    ['a template', workload('usage_policy_name: {{name}}'), '6:21', /A key is a single word/],
    ['a merge conflict', `<<<<<<< HEAD\n${workload()}`, '1:1', /merge conflict/],
    ['a tab', 'compute:\n\tnum_accelerators: 1\n', '2:1', /tab/],
    ['an open quote', 'experiment_name: "abc\n', '1:22', /not valid YAML/],
    ['an open bracket', 'a: [1,\n', '1:7', /not valid YAML/],
    ['a NUL byte', 'a: \0\n', '1:4', /null byte/],
    ['bytes that are no UTF-8', Buffer.from([0x61, 0x3a, 0x20, 0xff, 0x0a]), '1:4', /UTF-8/],
    ['deep nesting', `parameters: ${'['.repeat(200)}${']'.repeat(200)}\n`, '1:112', /100 levels/],
  ];
  for (const [name, text, place, message] of cases) {
    it(`shows ${name} at its place`, async () => {
      const problem = await onlyProblem(text);
      expect(problem.message).to.match(message);
      expect(problem.place).to.equal(place);
    });
  }

  it('names both lines of a key that is there twice', async () => {
    const problem = await onlyProblem(workload('max_retries: 1', '', 'max_retries: 2'));
    expect(problem.place).to.equal('8:1');
    expect(problem.message).to.contain('line 6').and.to.contain('line 8');
    expect(problem.frame).to.contain('  8 | max_retries: 2\n    | ^\n');
  });

  it('goes on after a duplicate key, an unknown alias and a tag that is not known', async () => {
    const problems = await problemsOf(
      workload('max_retries: -1', 'parameters: {a: 1, a: 2, b: *x, c: !foo 1, ? [d] : 1}', 'nope: 1'),
    );
    expect(places(problems)).to.deep.equal([
      'max_retries 6:14',
      'parameters.a 7:20',
      'parameters.b 7:29',
      'parameters.c 7:36',
      'parameters 7:46',
      'nope 8:1',
    ]);
  });

  it('takes merge keys: keys of the map itself win, then those of the first source', async () => {
    const { config } = await load(
      [
        'parameters:',
        '  one: &one {accelerator_type: GPU_1xA10, num_accelerators: 4}',
        '  two: &two {num_accelerators: 2}',
        'compute:',
        '  <<: [*two, *one]',
        'experiment_name: demo',
        'command: echo hi',
      ].join('\n'),
    );
    expect(config.compute).to.deep.equal({ num_accelerators: 2, accelerator_type: 'GPU_1xA10' });
  });

  it('tells a wrong merged value where it is written', async () => {
    const text =
      'parameters: {c: &c {num_accelerators: x, accelerator_type: GPU_1xA10}}\ncompute: {<<: *c}\ncommand: a\nexperiment_name: a\n';
    expect(places(await problemsOf(text))).to.deep.equal(['compute.num_accelerators 1:39']);
  });

  it('refuses a value that contains itself', async () => {
    const { message, place } = await onlyProblem(workload('parameters: &p', '  a: *p'));
    expect(place).to.equal('7:6');
    expect(message).to.contain('cannot contain itself');
  });

  it('refuses alias bombs within bounded memory', async () => {
    const levels = Array.from(
      { length: 30 },
      (_, n) => `  l${n + 1}: &l${n + 1} [${Array(9).fill(`*l${n}`).join(', ')}]`,
    );
    const before = process.memoryUsage().heapUsed;
    const { message } = await onlyProblem(workload('parameters:', '  l0: &l0 lol', ...levels));
    expect(message).to.contain('aliases');
    expect(process.memoryUsage().heapUsed - before).to.be.lessThan(100 * 1024 * 1024);
  });

  it('refuses a long text that is repeated by aliases', async () => {
    const { message } = await onlyProblem(
      workload('parameters:', `  a: &a ${'x'.repeat(500_000)}`, `  b: [${Array(100).fill('*a').join(',')}]`),
    );
    expect(message).to.contain('aliases');
  });

  it('refuses merges that grow without end', async () => {
    const keys = Array.from({ length: 2000 }, (_, n) => `k${n}: ${n}`).join(', ');
    const merges = Array.from({ length: 10 }, (_, n) => `  m${n}: {<<: *base}`);
    const problems = await problemsOf(workload('parameters:', `  base: &base {${keys}}`, ...merges));
    expect(problems[0]?.message).to.contain('"<<"');
  });

  it('takes many aliases of small values', async () => {
    const { hyperparameters } = await load(
      workload('parameters:', '  a: &a [1, 2]', `  b: [${Array(5000).fill('*a').join(',')}]`),
    );
    expect(hyperparameters).to.contain('- 2');
  });

  it('counts columns in characters, and leaves a byte order mark out', async () => {
    const text = `\uFEFF{"experiment_name": "🙂é", compute: {num_accelerators: 1, accelerator_type: GPU_1xA10}, command: a}`;
    expect(places(await problemsOf(text))).to.deep.equal(['experiment_name 1:21']);
    const flow = workload('parameters: {"漢🙂": 1, a: *x}');
    const [problem] = await problemsOf(flow);
    expect(problem?.column).to.equal(26);
    // Wide characters take two columns of the terminal.
    expect(problem?.frame).to.contain(`\n    | ${' '.repeat(27)}^\n`);
  });

  it('stands a problem of an empty list item at its place', async () => {
    expect(
      places(
        await problemsOf(workload('code_source:', '  root_path: .', '  include_paths:', '    -', '    - a')),
      ),
    ).to.deep.equal(['code_source.include_paths[0] 9:5']);
  });

  it('takes exactly 1 MiB and not a byte more', async () => {
    const head = workload('parameters:', '  a: ');
    const fill = (bytes: number) => head.trimEnd() + ' ' + 'x'.repeat(bytes - head.trimEnd().length - 1);
    expect((await load(fill(1024 * 1024))).trainingConfig).to.have.length(1024 * 1024);
    expect((await loadError(fill(1024 * 1024 + 1))).details?.[0]?.message).to.contain('at most 1 MiB');
  });

  it('shortens long lines around the caret', async () => {
    const { frame } = await onlyProblem(
      workload(`parameters: {a: "${'y'.repeat(500)}", b: *x, c: "${'z'.repeat(500)}"}`),
    );
    const [, line = '', caret = ''] = frame.split('\n');
    expect(line.length).to.be.lessThan(110);
    expect(line[caret.indexOf('^')]).to.equal('*');
  });

  it('keeps control characters out of the frame', async () => {
    const { frame } = await onlyProblem(workload(`parameters: {a: "\u009b31m", b: *x}`));
    expect(frame).not.to.match(/[\u0080-\u009f]/);
  });
});
