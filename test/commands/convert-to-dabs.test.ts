import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { load } from 'js-yaml';
import { envelopeOf, runCli } from '../support/cli.js';

const workload = `
experiment_name: "12345"
compute:
  accelerator_type: GPU_8xH100
  num_accelerators: 16
command: python train.py
environment:
  version: databricks_ai_v5
code_source:
  root_path: proj
  git:
    branch: main
secrets:
  HF: scope/key
timeout_minutes: 60
max_retries: 2
permissions:
  - group_name: team
    level: CAN_VIEW
`;

describe('air convert-to-dabs', function () {
  this.timeout(60_000);
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'air-dabs-'));
    mkdirSync(join(folder, 'proj'));
    writeFileSync(join(folder, 'train.yaml'), workload);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const convert = (...more: string[]) =>
    runCli(['convert-to-dabs', 'train.yaml', ...more], { cwd: folder, env: { HOME: folder } });

  it('writes a job that does what the submission does, in files of their owner alone', async () => {
    const result = await convert('-o', 'json');
    expect(result.code, result.stdout).to.equal(0);
    const files = ['databricks.yml', 'training_config.yaml', 'command.sh', 'secret_env_vars.json'].map(
      (name, index) => (index === 0 ? name : `generated_artifacts/${name}`),
    );
    expect(envelopeOf(result).data).to.deep.include({ directory: '.', job_key: '12345', files });
    expect(statSync(join(folder, 'databricks.yml')).mode & 0o777).to.equal(0o600);
    expect(statSync(join(folder, 'generated_artifacts')).mode & 0o777).to.equal(0o700);
    expect(load(readFileSync(join(folder, 'databricks.yml'), 'utf8'))).to.deep.equal({
      bundle: { name: '12345' },
      sync: { paths: ['generated_artifacts'] },
      artifacts: {
        code_source: {
          type: 'tgz',
          path: '.',
          git: { branch: 'main' },
          include: ['proj'],
          files: [{ source: './dist/code_source.tgz' }],
        },
      },
      targets: { dev: { mode: 'development', default: true } },
      resources: {
        jobs: {
          12345: {
            name: '12345',
            timeout_seconds: 3600,
            tasks: [
              {
                task_key: '12345',
                environment_key: 'default',
                max_retries: 2,
                retry_on_timeout: true,
                ai_runtime_task: {
                  experiment: '12345',
                  deployments: [
                    {
                      command_path: './generated_artifacts/command.sh',
                      compute: { accelerator_type: 'GPU_8xH100', accelerator_count: 16 },
                    },
                  ],
                  code_source_path: './dist/code_source.tgz',
                },
              },
            ],
            environments: [
              {
                environment_key: 'default',
                spec: { base_environment: 'workspace-base-environments/databricks_ai_v5' },
              },
            ],
            permissions: [{ level: 'CAN_VIEW', group_name: 'team' }],
          },
        },
      },
    });
  });

  it('leaves what is there until it is told to replace it, and then leaves nothing stale', async () => {
    expect((await convert()).code).to.equal(0);
    const document = join(folder, 'databricks.yml');
    writeFileSync(document, 'edited: by hand\n');
    const refused = await convert();
    expect(refused.code).to.equal(7);
    expect(refused.stderr).to.contain('databricks.yml').and.contain('--force');
    expect(readFileSync(document, 'utf8')).to.equal('edited: by hand\n');
    writeFileSync(join(folder, 'train.yaml'), workload.replace('secrets:\n  HF: scope/key\n', ''));
    expect((await convert('--force')).code).to.equal(0);
    expect(readFileSync(document, 'utf8')).to.contain('resources:');
    expect(readdirSync(join(folder, 'generated_artifacts'))).to.have.members([
      'training_config.yaml',
      'command.sh',
    ]);
  });

  it('names every field that a bundle cannot hold, with its place, and writes nothing', async () => {
    const result = await convert(
      ...['-o', 'json', '--override', 'usage_policy_name=x'],
      ...['--override', 'code_source.remote_volume=/Volumes/a/b/c', '--override', 'code_source.root_path=.'],
    );
    expect(result.code).to.equal(2);
    const details = envelopeOf(result).error?.details ?? [];
    expect(details.map(({ path }) => path)).to.have.members([
      'usage_policy_name',
      'code_source.remote_volume',
      'code_source.root_path',
    ]);
    expect(existsSync(join(folder, 'databricks.yml'))).to.equal(false);
    expect(existsSync(join(folder, 'generated_artifacts'))).to.equal(false);
  });

  it('shows how to enter the folder in a way that can be pasted', async () => {
    const odd = join(folder, "it's");
    mkdirSync(join(odd, 'proj'), { recursive: true });
    writeFileSync(join(odd, 'train.yaml'), workload);
    const result = await runCli(['convert-to-dabs', "it's/train.yaml"], {
      cwd: folder,
      env: { HOME: folder },
    });
    expect(result.code, result.stderr).to.equal(0);
    expect(result.stdout).to.contain("cd 'it'\\''s'\n");
  });
});
