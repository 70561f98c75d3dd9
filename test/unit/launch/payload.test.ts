import { expect } from 'chai';
import type { LoadedConfig, WorkloadConfig } from '../../../src/lib/config/types.js';
import { submitRequest, validationRequest } from '../../../src/lib/launch/payload.js';
import { planLaunch } from '../../../src/lib/launch/plan.js';

const minimal: WorkloadConfig = {
  experiment_name: 'exp',
  compute: { accelerator_type: 'GPU_8xH100', num_accelerators: 16 },
  command: 'echo hi',
};

const full: WorkloadConfig = {
  ...minimal,
  environment: { version: '5', dependencies: ['numpy', '-r /Workspace/x.txt'] },
  env_variables: { B: '<2>', A: '1' },
  secrets: { Z: 'scope/key', HF: 'hub/token' },
  max_retries: 0,
  timeout_minutes: 90,
  mlflow_run_name: 'run-1',
  mlflow_experiment_directory: '/Workspace/Shared/x',
  permissions: [
    { user_name: 'a@x', level: 'CAN_VIEW' },
    { group_name: 'g', level: 'CAN_MANAGE' },
  ],
  usage_policy_id: '00000000-0000-0000-0000-000000000001',
};

function plan(config: WorkloadConfig, more: Partial<LoadedConfig> = {}) {
  const loaded = {
    file: 'train.yaml',
    directory: '/',
    config,
    trainingConfig: 'the file',
    hyperparameters: undefined,
    overrides: [],
    warnings: [],
    ...more,
  };
  return planLaunch(loaded as unknown as LoadedConfig, { snapshot: null });
}

const places = { folder: '/Workspace/Users/u/.air/cli_launch/exp/exp_1', code: null };

describe('submission body', () => {
  it('of a minimal workload has the defaults and nothing that was not asked for', () => {
    expect(submitRequest(plan(minimal), places, { token: 't', policyId: undefined })).to.deep.equal({
      run_name: 'exp',
      idempotency_token: 't',
      environments: [{ environment_key: 'default', spec: { environment_version: '6' } }],
      tasks: [
        {
          task_key: 'exp',
          run_if: 'ALL_SUCCESS',
          environment_key: 'default',
          max_retries: 3,
          retry_on_timeout: true,
          ai_runtime_task: {
            experiment: 'exp',
            deployments: [
              {
                command_path: `${places.folder}/command.sh`,
                compute: { accelerator_type: 'GPU_8xH100', accelerator_count: 16 },
              },
            ],
          },
        },
      ],
    });
  });

  it('of a full workload carries every field under its wire name', () => {
    const code = '/Workspace/Users/u/.air/repo_snapshots/.internal/x_1.tar.gz';
    const body = submitRequest(plan(full), { ...places, code }, { token: 't', policyId: 'p' });
    expect(body).to.include({ budget_policy_id: 'p', timeout_seconds: 5400 });
    expect(body.environments[0]?.spec).to.deep.equal({
      environment_version: '5',
      dependencies: ['numpy', '-r /Workspace/x.txt'],
    });
    expect(body.tasks[0]).to.include({ max_retries: 0 }).and.not.have.property('retry_on_timeout');
    expect(body.tasks[0]?.ai_runtime_task).to.include({
      code_source_path: code,
      mlflow_run: 'run-1',
      mlflow_experiment_directory: '/Workspace/Shared/x',
    });
    expect(body.access_control_list).to.deep.equal([
      { user_name: 'a@x', permission_level: 'CAN_VIEW' },
      { group_name: 'g', permission_level: 'CAN_MANAGE' },
    ]);
  });

  it('puts an image on the task', () => {
    const docker = { ...minimal, environment: { docker_image: { url: 'docker.io/a/b:1' } } };
    const catalog = { ...minimal, environment: { unity_catalog_image: 'c.s.i:1' } };
    const taskOf = (config: WorkloadConfig) =>
      submitRequest(plan(config), places, { token: 't', policyId: undefined }).tasks[0]?.ai_runtime_task;
    expect(taskOf(docker)).to.include({ docker_image_url: 'docker.io/a/b:1' });
    expect(taskOf(catalog)).to.include({ unity_catalog_image_path: 'c.s.i:1' });
  });
});

describe('preflight body', () => {
  it('has only what the user set', () => {
    const body = validationRequest(plan(minimal), places, 't');
    expect(body.run_options).to.deep.equal({ idempotency_token: 't' });
    expect(body.task).to.have.all.keys('experiment', 'deployments');
  });

  it('carries the options of a full workload, and never the code', () => {
    const body = validationRequest(plan(full), { ...places, code: '/x' }, undefined);
    expect(body.run_options).to.deep.equal({
      max_retries: 0,
      timeout_minutes: 90,
      usage_policy_id: full.usage_policy_id,
      env_variables: full.env_variables,
      secrets: full.secrets,
    });
    expect(body.task).not.to.have.property('code_source_path');
  });
});

describe('staged files', () => {
  it('are two for a minimal workload, the config first', () => {
    expect(plan(minimal).files).to.deep.equal([
      { name: 'training_config.yaml', content: 'the file' },
      { name: 'command.sh', content: 'echo hi' },
    ]);
  });

  it('hold parameters, variables and secrets under the names the launcher knows, sorted', () => {
    const { files } = plan(full, { hyperparameters: 'lr: 1.0\n' });
    expect(files.slice(2)).to.deep.equal([
      { name: 'hyperparameters.yaml', content: 'lr: 1.0\n' },
      { name: 'env_vars.json', content: '[{"name":"A","value":"1"},{"name":"B","value":"<2>"}]' },
      {
        name: 'secret_env_vars.json',
        content:
          '[{"name":"HF","secret_scope":"hub","secret_key":"token"},{"name":"Z","secret_scope":"scope","secret_key":"key"}]',
      },
    ]);
  });

  it('leave out empty maps', () => {
    expect(plan({ ...minimal, env_variables: {}, secrets: {} }).files).to.have.length(2);
  });
});
