import { expect } from 'chai';
import fc from 'fast-check';
import { load, problemsOf } from '../../support/config.js';

/** A block of a workload file, and ways to break it: `§` stands before the place where the break is told. */
interface Block {
  readonly name: string;
  readonly lines: readonly string[];
  readonly breaks: readonly Break[];
}

interface Break {
  readonly path: string;
  readonly lines: readonly string[];
}

const broken = (path: string, ...lines: string[]): Break => ({ path, lines });

const required: Block[] = [
  {
    name: 'experiment_name',
    lines: ['experiment_name: demo_1'],
    breaks: [
      broken('experiment_name', 'experiment_name: §a b'),
      broken('experiment_name', 'experiment_name: §"é"'),
      broken('experiment_name', `experiment_name: §${'x'.repeat(101)}`),
      broken('experiment_name', '§experiment_name:'),
      broken('experiment_name', 'experiment_name: §[a]'),
      broken('experiment_name', 'experiment_name: §&x !!str a.b'),
      broken('experimant_name', '§experimant_name: demo'),
      broken('experiment_name', '# nothing here'),
    ],
  },
  {
    name: 'compute',
    lines: ['compute:', '  num_accelerators: 16', '  accelerator_type: GPU_8xH100'],
    breaks: [
      ...['010', '1_000', '"8"', '8.0', '1e1', 'true', '12', '0', '-8', '2000', '[8]'].map((value) =>
        broken(
          'compute.num_accelerators',
          'compute:',
          `  num_accelerators: §${value}`,
          '  accelerator_type: GPU_8xH100',
        ),
      ),
      ...['gpu_8xh100', 'h100_80gb', '""', 'GPU_9xZ9'].map((value) =>
        broken(
          'compute.accelerator_type',
          'compute:',
          `  accelerator_type: §${value}`,
          '  num_accelerators: 8',
        ),
      ),
      broken('compute.num_accelerators', '§compute:', '  accelerator_type: GPU_8xH100'),
      broken('compute.pool_id', 'compute: {num_accelerators: 8, accelerator_type: GPU_8xH100, §pool_id: x}'),
      broken('compute', 'compute: §8'),
      broken('compute', '# none'),
    ],
  },
  {
    name: 'command',
    lines: ['command: |', '  set -e', '  echo "$A"'],
    breaks: [
      broken('command', 'command: §"  "'),
      broken('command', 'command: §{a: b}'),
      broken('command', '§command: # later'),
      broken('command', 'command: §|-', ...Array.from({ length: 1001 }, () => '  x')),
    ],
  },
];

const optional: Block[] = [
  {
    name: 'environment',
    lines: ['environment:', '  version: "5"', '  dependencies:', '    - torch', '    - -r /Workspace/x.txt'],
    breaks: [
      broken('environment.version', 'environment:', '  version: §five'),
      broken('environment.version', 'environment:', '  version: §databricks_ai_v4'),
      broken('environment.dependencies[1]', 'environment:', '  dependencies:', '    - a', '    - §{b: c}'),
      broken('environment.dependencies[0]', 'environment:', '  dependencies: [§"", b]'),
      broken('environment.dependencies', 'environment:', '  dependencies: §torch'),
      broken('environment.docker_image', 'environment:', '  version: 5', '  docker_image: §{url: x/y}'),
      broken('environment.docker_image.url', 'environment:', '  §docker_image:', '    tag_policy: auto'),
      broken(
        'environment.docker_image.tag_policy',
        'environment: {docker_image: {url: x, tag_policy: §newest}}',
      ),
      broken('environment.unity_catalog_image', 'environment:', "  unity_catalog_image: §'a.b:c'"),
      broken('environment.env_variables', 'environment:', '  §env_variables: {A: b}'),
    ],
  },
  {
    name: 'env_variables',
    lines: ['env_variables:', '  A: 010', '  B:', '  "c d": yes'],
    breaks: [
      broken('env_variables.A', 'env_variables:', '  A: §[1]'),
      broken('env_variables.A', 'env_variables:', '  A: x', '  B: y', '  §A: z'),
      broken('env_variables', 'env_variables: §[A, B]'),
      broken('env_variables.A=B', 'env_variables:', '  A=B: §x'),
    ],
  },
  {
    name: 'secrets',
    lines: ['secrets: {HF_TOKEN: scope/key}'],
    breaks: ['nope', 'a/b/c', '/b', 'a/', '[x]'].map((value) =>
      broken('secrets.S', 'secrets:', `  S: §${value}`),
    ),
  },
  {
    name: 'code_source',
    lines: ['code_source:', '  root_path: .', '  git:', '    branch: main', '  include_paths:', '    - src'],
    breaks: [
      broken('code_source.root_path', '§code_source:', '  remote_volume: /Volumes/a/b/c'),
      broken('code_source.remote_volume', 'code_source:', '  root_path: .', '  remote_volume: §/tmp/x'),
      broken('code_source.git.commit', 'code_source:', '  root_path: .', '  git: {branch: a, commit: §b}'),
      broken('code_source.git', 'code_source:', '  root_path: .', '  git: §{}'),
      broken(
        'code_source.git.remote',
        'code_source:',
        '  root_path: .',
        '  git:',
        '    branch: a',
        '    remote: §true',
      ),
      broken('code_source.include_paths', 'code_source:', '  root_path: .', '  include_paths: §[]'),
      broken('code_source.include_paths[1]', 'code_source:', '  root_path: .', '  include_paths: [a, §../b]'),
      broken(
        'code_source.include_paths[0]',
        'code_source:',
        '  root_path: .',
        '  include_paths:',
        '  - §/etc',
      ),
      broken('code_source.type', 'code_source:', '  root_path: .', '  type: §snapshot'),
      broken('code_source.type', 'code_source:', '  type: §snapshotted', '  snapshot: {root_path: .}'),
      broken(
        'code_source.snapshot.root_path',
        'code_source:',
        '  type: snapshot',
        '  §snapshot:',
        '    git: {commit: a}',
      ),
    ],
  },
  {
    name: 'max_retries',
    lines: ['max_retries: 0x3'],
    breaks: ['-1', '"3"', '3.5', 'many', '99999999999'].map((value) =>
      broken('max_retries', `max_retries: §${value}`),
    ),
  },
  {
    name: 'timeout_minutes',
    lines: ['timeout_minutes: 0o17'],
    breaks: ['0', '1_0', '[1]', '!!str 3'].map((value) =>
      broken('timeout_minutes', `timeout_minutes: §${value}`),
    ),
  },
  {
    name: 'idempotency_token',
    lines: ['idempotency_token: " abc "'],
    breaks: [
      broken('idempotency_token', 'idempotency_token: §" "'),
      broken('idempotency_token', `idempotency_token: §${'é'.repeat(33)}`),
    ],
  },
  {
    name: 'parameters',
    lines: ['parameters: {lr: 0.1, layers: [1, 2]}'],
    breaks: [
      broken('parameters', 'parameters: §[1]'),
      broken('parameters.lr', 'parameters:', '  lr: 1', '  §lr: 2'),
      broken('parameters.a.b', 'parameters:', '  a:', '    b: §*nowhere'),
    ],
  },
  {
    name: 'mlflow_experiment_directory',
    lines: ['mlflow_experiment_directory: /Workspace/Shared'],
    breaks: ['/WorkspaceX', 'Workspace', '""'].map((value) =>
      broken('mlflow_experiment_directory', `mlflow_experiment_directory: §${value}`),
    ),
  },
  {
    name: 'permissions',
    lines: [
      'permissions:',
      '  - user_name: a@b.c',
      '    level: CAN_VIEW',
      '  - {group_name: g, level: CAN_MANAGE}',
    ],
    breaks: [
      broken('permissions[0].level', 'permissions:', '  - §user_name: a@b.c'),
      broken('permissions[1]', 'permissions:', '  - {user_name: a, level: X}', '  - §{level: X}'),
      broken(
        'permissions[0].group_name',
        'permissions:',
        '  - user_name: a',
        '    group_name: §b',
        '    level: X',
      ),
      broken('permissions[0].level', 'permissions: [{user_name: a, level: §" "}]'),
      broken('permissions[0].role', 'permissions: [{user_name: a, level: X, §role: y}]'),
      broken('permissions', 'permissions: §{user_name: a}'),
    ],
  },
  {
    name: 'usage_policy',
    lines: ['usage_policy_name: team'],
    breaks: [
      broken('usage_policy_id', 'usage_policy_id: §123'),
      broken(
        'usage_policy_id',
        'usage_policy_name: a',
        'usage_policy_id: §01234567-89ab-cdef-0123-456789abcdef',
      ),
    ],
  },
  {
    name: 'unknown',
    lines: ['# end'],
    breaks: [broken('zzz', '§zzz: 1'), broken('priority', '§priority: 1')],
  },
];

const noise = fc.constantFrom('', '# note', '# ünïcödé 漢字 🙂 : { [ "', '   ');

interface Case {
  readonly text: string;
  readonly expected: string[];
}

/** A file of some blocks in any order, of which one to five are broken. */
const cases: fc.Arbitrary<Case> = fc
  .tuple(fc.subarray(optional), fc.constantFrom('\n', '\r\n'), fc.boolean())
  .chain(([extra, eol, withMarker]) => {
    const blocks = [...required, ...extra];
    return fc.record({
      order: fc.shuffledSubarray(blocks, { minLength: blocks.length }),
      targets: fc.subarray(blocks, { minLength: 1, maxLength: Math.min(5, blocks.length) }),
      picks: fc.array(fc.nat(), { minLength: blocks.length, maxLength: blocks.length }),
      comments: fc.array(noise, { minLength: blocks.length, maxLength: blocks.length }),
      eol: fc.constant(eol),
      withMarker: fc.constant(withMarker),
    });
  })
  .map(({ order, targets, picks, comments, eol, withMarker }) => {
    const lines = withMarker ? ['---'] : [];
    const elsewhere: string[] = [];
    const marked: string[] = [];
    for (const [index, block] of order.entries()) {
      lines.push(comments[index] ?? '');
      const chosen = targets.includes(block)
        ? block.breaks[(picks[index] ?? 0) % block.breaks.length]
        : undefined;
      lines.push(...(chosen?.lines ?? block.lines));
      if (chosen === undefined) continue;
      if (chosen.lines.some((line) => line.includes('§'))) marked.push(chosen.path);
      else elsewhere.push(`${chosen.path} 1:1`);
    }
    const places: string[] = [];
    const clean = lines.map((line, index) => {
      const at = Array.from(line).indexOf('§');
      if (at !== -1) places.push(`${marked[places.length]} ${index + 1}:${at + 1}`);
      return line.replace('§', '');
    });
    return { text: clean.join(eol) + eol, expected: [...elsewhere, ...places].sort() };
  });

describe('a workload file broken at random', () => {
  it('is valid before it is broken', async () => {
    const text = [...required, ...optional].flatMap((block) => block.lines).join('\n');
    const { config } = await load(text);
    expect(config).to.include({ max_retries: 3, timeout_minutes: 15, idempotency_token: 'abc' });
  });

  it('has every break reported at its own line and column, in the order of the file, and nothing else', async () => {
    await fc.assert(
      fc.asyncProperty(cases, async ({ text, expected }) => {
        const problems = await problemsOf(text);
        const found = problems.map(({ path, line, column }) => `${path} ${line}:${column}`);
        expect([...found].sort()).to.deep.equal(expected);
        const positions = problems.map(({ line, column }) => line * 10_000 + column);
        expect(positions).to.deep.equal([...positions].sort((a, b) => a - b));
      }),
      { numRuns: 400 },
    );
  });
});
