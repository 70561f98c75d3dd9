import { expect } from 'chai';
import { load, places, problemsOf, workload } from '../../support/config.js';

/** Lines after the smallest workload start at line 6. */
const refused: [name: string, lines: string[], expected: string[]][] = [
  ['a legacy GPU type', [], []],
  ['docker_image beside dependencies and version', ['environment:', '  dependencies: []', '  version: 5', '  docker_image:', '    url: x/y'], ['environment.docker_image 10:5']],
  ['two images', ['environment:', '  docker_image: {url: x/y}', '  unity_catalog_image: a.b.c:d'], ['environment.unity_catalog_image 8:24']],
  ['a login without its key', ['environment: {docker_image: {url: x, tag_policy: latest, credentials_scope: s}}'], ['environment.docker_image.credentials_scope 6:77']],
  ['a login without latest', ['environment: {docker_image: {url: x, tag_policy: auto, credentials_scope: s, credentials_key: k}}'], ['environment.docker_image.credentials_scope 6:75']],
  ['a login without a policy', ['environment: {docker_image: {url: x, credentials_scope: s, credentials_key: k}}'], ['environment.docker_image.credentials_scope 6:57']],
  ['a name in env_variables and secrets', ['env_variables: {A: x}', 'secrets: {A: s/k}'], ['secrets.A 7:14']],
  ['an older code_source without a snapshot', ['code_source:', '  type: snapshot'], ['code_source.snapshot 6:1']],
  ['an older code_source without its type', ['code_source:', '  snapshot: {root_path: .}'], ['code_source.type 6:1']],
  ['an empty code_source', ['code_source: {}'], ['code_source.root_path 6:1']],
  ['a root_path without a value', ['code_source:', '  root_path:'], ['code_source.root_path 7:3']],
  ['git without a reference', ['code_source: {root_path: ., git: {remote: false}}'], ['code_source.git 6:34']],
  ['a remote by name', ['code_source: {root_path: ., git: {branch: a, remote: origin}}'], ['code_source.git.remote 6:54']],
  ['a branch with odd characters', ['code_source: {root_path: ., git: {branch: "a b"}}'], ['code_source.git.branch 6:43']],
  ['two principals of three', ['permissions:', '- {user_name: a, group_name: b, service_principal_name: c, level: X}'], ['permissions[0].group_name 7:30', 'permissions[0].service_principal_name 7:57']],
  ['an empty permission', ['permissions:', '-'], ['permissions[0] 7:1']],
  ['pools and priorities', ['priority: 1', '_bases_: [x]'], ['priority 6:1', '_bases_ 7:1']],
  ['containers', ['containers: []', 'mlflow_artifact_location: dbfs:/x'], ['containers 6:1', 'mlflow_artifact_location 7:1']],
].slice(1) as [string, string[], string[]][]; // prettier-ignore

describe('the rules of a workload file', () => {
  for (const [name, lines, expected] of refused) {
    it(`refuse ${name}`, async () => {
      const problems = await problemsOf(workload(...lines));
      expect(places(problems)).to.deep.equal(expected);
      for (const { message } of problems) expect(message).to.match(/[.?]$/);
    });
  }

  it('say why pools and priorities are refused', async () => {
    const text = workload().replace(
      '  num',
      '  node_pool_id: a\n  pool_name: b\n  priority_class: NORMAL\n  num',
    );
    const problems = await problemsOf(text);
    expect(places(problems)).to.deep.equal([
      'compute.node_pool_id 3:3',
      'compute.pool_name 4:3',
      'compute.priority_class 5:3',
    ]);
    for (const { message } of problems.slice(0, 2))
      expect(message).to.contain('does not place runs in pools');
  });

  it('name the value, and both readings of a number that YAML versions read apart', async () => {
    const readings: [string, RegExp][] = [
      ['010', /010.*YAML 1\.2.*10.*YAML 1\.1.*8/],
      ['1_000', /1_000.*YAML 1\.2.*text.*YAML 1\.1.*1000/],
      ['0b11', /YAML 1\.1.*3/],
      ['1:30', /YAML 1\.1.*90/],
      ['8.7', /8\.7/],
      ['1e1', /1e1/],
      ['"8"', /text "8"/],
      ['true', /true/],
      ['99999999999999999999', /99999999999999999999/],
    ];
    for (const [value, message] of readings) {
      const [problem] = await problemsOf(workload(`max_retries: ${value}`));
      expect(problem?.message).to.match(message);
    }
  });

  it('take numbers in decimal, hexadecimal and octal', async () => {
    for (const [text, value] of [
      ['12', 12],
      ['+7', 7],
      ['0', 0],
      ['0x1F', 31],
      ['0o17', 15],
      ['!!int 5', 5],
    ] as const) {
      expect((await load(workload(`max_retries: ${text}`))).config.max_retries).to.equal(value);
    }
  });

  it('take the source text of any scalar where text is expected', async () => {
    const { config } = await load(
      workload('env_variables: {A: 1.50, B: True, C: ~, D: 010, E: 2024-01-01, 1: x, F: !!str 1e3}').replace(
        'demo',
        '2024',
      ),
    );
    expect(config.experiment_name).to.equal('2024');
    expect(config.env_variables).to.deep.equal({
      A: '1.50',
      B: 'True',
      C: '',
      D: '010',
      E: '2024-01-01',
      1: 'x',
      F: '1e3',
    });
  });

  it('count a key with nothing after it as absent', async () => {
    const { config } = await load(
      workload(
        'environment:',
        'code_source: ~',
        'max_retries: null',
        'permissions:',
        'idempotency_token:',
        'env_variables:',
      ),
    );
    expect(config).to.have.all.keys('experiment_name', 'compute', 'command');
  });

  it('take names of JavaScript for what they are', async () => {
    const { config } = await load(workload('env_variables: {__proto__: a, constructor: b, toString: c}'));
    expect(Object.entries(config.env_variables ?? {})).to.deep.equal([
      ['__proto__', 'a'],
      ['constructor', 'b'],
      ['toString', 'c'],
    ]);
    expect(places(await problemsOf(workload('constructor: 1', '__proto__: 2')))).to.deep.equal([
      'constructor 6:1',
      '__proto__ 7:1',
    ]);
  });

  it('trim what is trimmed for the check, and send the trimmed value', async () => {
    const { config } = await load(
      workload(
        'idempotency_token: " t "',
        'mlflow_run_name: " r "',
        'mlflow_experiment_directory: " /Workspace "',
        'usage_policy_name: " p "',
        'environment: {docker_image: {url: " u ", tag_policy: " LATEST ", credentials_scope: " s ", credentials_key: " k "}}',
        'code_source: {type: snapshot, snapshot: {root_path: " . ", include_paths: [" a "], git: {commit: " c "}}}',
        'command: "  echo  "',
      ).replace('command: echo hi\n', ''),
    );
    expect(config).to.include({
      idempotency_token: 't',
      mlflow_run_name: 'r',
      mlflow_experiment_directory: '/Workspace',
      usage_policy_name: 'p',
      command: '  echo  ',
    });
    expect(config.environment?.docker_image).to.deep.equal({
      url: 'u',
      tag_policy: 'latest',
      credentials_scope: 's',
      credentials_key: 'k',
    });
    expect(config.code_source).to.deep.equal({ root_path: '.', include_paths: ['a'], git: { commit: 'c' } });
  });

  it('take every form of the environment version', async () => {
    for (const [text, version] of [
      ['5', '5'],
      ["'5'", '5'],
      ['databricks_ai_v5', 'databricks_ai_v5'],
      ['" DATABRICKS_AI_V12 "', 'databricks_ai_v12'],
    ] as const) {
      expect((await load(workload(`environment: {version: ${text}}`))).config.environment).to.deep.equal({
        version,
      });
    }
    for (const text of ['5.0', 'v5', 'databricks_ai_v4', '0', '-1', '""']) {
      expect(places(await problemsOf(workload(`environment: {version: ${text}}`))), text).to.deep.equal([
        'environment.version 6:24',
      ]);
    }
  });

  it('count lines and bytes as the workspace does', async () => {
    const script = (lines: number) =>
      workload().replace('command: echo hi', `command: |-\n${'  x\n'.repeat(lines)}`);
    await load(script(1000));
    expect(places(await problemsOf(script(1001)))).to.deep.equal(['command 5:10']);
    await load(workload(`usage_policy_name: ${'x'.repeat(127)}`));
    expect(places(await problemsOf(workload(`usage_policy_name: ${'é'.repeat(64)}`)))).to.deep.equal([
      'usage_policy_name 6:20',
    ]);
  });

  it('do not report a misspelled field as missing too', async () => {
    const [problem, ...others] = await problemsOf(workload().replace('command', 'comand'));
    expect(others).to.deep.equal([]);
    expect(problem).to.include({ path: 'comand', hint: 'Did you mean command?' });
  });

  it('never show a secret', async () => {
    const problems = await problemsOf(
      workload('secrets: {A: hush}', 'env_variables: {MY_TOKEN: [hush]}', 'zzz: 1'),
    );
    expect(JSON.stringify(problems)).not.to.contain('hush');
  });
});

describe('a problem that the workspace reports', () => {
  const serverPaths: [string, string, string][] = [
    ['deployments[0].compute.accelerator_count', 'compute.num_accelerators', '3:21'],
    ['task.deployments[0].compute.accelerator_type', 'compute.accelerator_type', '4:21'],
    ['deployments[0].command_path', 'command', '5:10'],
    ['task.experiment', 'experiment_name', '1:18'],
    ['env_variables[X]', 'env_variables.X', '6:20'],
    ['run_options.env_variables[X]', 'env_variables.X', '6:20'],
    ['env_variables[NOT_HERE]', 'env_variables.NOT_HERE', '6:1'],
    ['run_options.max_retries', 'max_retries', '7:14'],
    ['secrets[S]', 'secrets.S', '8:14'],
    ['task.mlflow_run', 'mlflow_run_name', '1:1'],
    ['something.else', 'something.else', '1:1'],
    ['', '', '1:1'],
  ];
  for (const [path, yamlPath, place] of serverPaths) {
    it(`at ${path || '(nowhere)'} stands at ${yamlPath || 'the start'} of the file`, async () => {
      const loaded = await load(workload('env_variables: {X: a}', 'max_retries: 1', 'secrets: {S: a/b}'));
      const [diagnostic] = loaded.diagnose([{ path, message: 'Not this one.' }], 'server');
      expect(diagnostic).to.include({ path: yamlPath, source: 'server', message: 'Not this one.' });
      expect(`${diagnostic?.line}:${diagnostic?.column}`).to.equal(place);
      expect(diagnostic?.frame).to.contain('^');
    });
  }
});
