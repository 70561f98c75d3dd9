import { expect } from 'chai';
import { RunReader, type DetailsReading } from '../../../src/lib/runs/details.js';
import type { Run } from '../../../src/lib/workspace/contract/index.js';
import { standingClock } from '../../support/context.js';
import { countRounds } from '../../support/rounds.js';
import {
  apiError,
  startScriptedWorkspace,
  type ScriptedWorkspace,
  type Scripts,
} from '../../support/scripted-workspace.js';
import {
  runningRun,
  submittedAt,
  sweepRun,
  trainingRun,
  trainingTask,
  workspaceOf,
} from '../../support/training-runs.js';
import { clientOf } from '../../support/workspace.js';

const clock = standingClock(submittedAt + 3_600_000);

describe('reading one run', () => {
  let server: ScriptedWorkspace;
  afterEach(() => server.close());

  async function readerOf(scripts: Scripts, runId = '42'): Promise<RunReader> {
    server = await startScriptedWorkspace(scripts);
    return new RunReader(clientOf(server.target()), runId, clock);
  }

  async function read(run: Run, more: Scripts = {}, runId = '42'): Promise<DetailsReading> {
    return (await readerOf({ ...workspaceOf([run]), ...more }, runId)).read();
  }

  function expectNothingTwice(): void {
    const asked = server.requests.map(({ method, path, query }) => `${method} ${path}?${query.toString()}`);
    expect(asked).to.deep.equal([...new Set(asked)]);
  }

  it('is three round trips deep and asks nothing twice', async () => {
    const rounds = countRounds(workspaceOf([trainingRun()]));
    const reader = await readerOf(rounds.scripts);
    const { details } = await reader.read();
    expect(rounds.depth).to.equal(3);
    expect(server.requests).to.have.length(5);
    expectNothingTwice();
    expect(details.mlflow_run_name).to.equal('name-of-mlflow1001');
  });

  it('is three deep for a run that trains, its progress included', async () => {
    const rounds = countRounds({
      ...workspaceOf([runningRun()]),
      'GET /api/2.0/mlflow/runs/get': {
        json: {
          run: { info: { run_name: 'calm-owl' }, data: { params: [{ key: 'max_steps', value: '10000' }] } },
        },
      },
      'GET /api/2.0/mlflow/metrics/get-history': {
        json: {
          metrics: [
            { key: 'epoch', value: 0.1, timestamp: 0, step: 1000 },
            { key: 'epoch', value: 0.5, timestamp: 100_000, step: 5000 },
          ],
        },
      },
    });
    const { details } = await (await readerOf(rounds.scripts)).read();
    expect(rounds.depth).to.equal(3);
    expectNothingTwice();
    expect(details.est_percent_complete).to.equal(50);
    expect(details.est_remaining_seconds).to.equal(125);
  });

  it('answers the keys that other tools know first, in their order', async () => {
    const { details } = await read(trainingRun());
    expect(Object.keys(details).slice(0, 8)).to.deep.equal([
      'run_id',
      'status',
      'started_at',
      'duration_seconds',
      'attempt_number',
      'experiment_name',
      'dashboard_url',
      'mlflow_url',
    ]);
    expect(details).to.deep.include({
      run_id: '42',
      status: 'SUCCESS',
      started_at: '2026-08-21T10:00:05+00:00',
      duration_seconds: 63,
      attempt_number: 0,
      experiment_name: 'resnet',
      dashboard_url: `${server.url}/jobs/runs/42?o=1234567890`,
      mlflow_url: `${server.url}/ml/experiments/77/runs/mlflow1001/artifacts/logs/node_0`,
      max_retries: 3,
      user: 'alice@example.com',
      accelerator_type: 'GPU_8xH100',
      num_accelerators: 16,
      environment: '6',
      termination_reason: null,
      is_sweep: false,
      configuration: 'experiment_name: resnet\n',
      sweep: null,
    });
  });

  it('keeps every digit of ids beyond 2^53', async () => {
    const id = '9223372036854775807';
    const run = trainingRun({ run_id: id, tasks: [trainingTask({ run_id: '9007199254740993' })] });
    const { details } = await read(run, {}, id);
    expect(details.run_id).to.equal(id);
    expect(details.dashboard_url).to.contain(`/jobs/runs/${id}?`);
    expect(details.mlflow_run_id).to.equal('mlflow9007199254740993');
  });

  it('reads a run that says nothing about itself', async () => {
    const { details } = await read({ run_id: 42 });
    expect(details).to.deep.include({
      run_id: '42',
      status: 'UNKNOWN',
      started_at: null,
      duration_seconds: null,
      attempt_number: 0,
      experiment_name: null,
      mlflow_url: null,
      max_retries: 0,
      user: null,
      accelerator_type: null,
      num_accelerators: null,
      environment: null,
      configuration: null,
    });
  });

  it('reads empty arrays as nothing', async () => {
    const { details } = await read({ run_id: 42, tasks: [], iterations: [], environments: [] });
    expect(details.status).to.equal('UNKNOWN');
    const bare = trainingTask({ ai_runtime_task: { deployments: [] } });
    const { details: second } = await read(trainingRun({ tasks: [bare] }));
    expect(second.num_accelerators).to.equal(null);
  });

  it('takes MLflow from the latest attempt of 150, over two pages', async () => {
    const tasks = Array.from({ length: 150 }, (_, index) =>
      trainingTask({ run_id: 3000 + index, attempt_number: index, start_time: submittedAt + index * 1000 }),
    );
    const { details } = await read(trainingRun(), {
      'GET /api/2.2/jobs/runs/get': ({ query }) =>
        query.get('page_token') === 'second'
          ? { json: { run_id: 42, tasks: tasks.slice(100) } }
          : { json: { ...trainingRun(), tasks: tasks.slice(0, 100), next_page_token: 'second' } },
    });
    expect(details.attempt_number).to.equal(149);
    expect(details.mlflow_run_id).to.equal('mlflow3149');
    expect(server.sent('GET /api/2.2/jobs/runs/get-output')).to.have.length(1);
  });

  it('asks for a run output by query alone, with no body', async () => {
    await read(trainingRun());
    const [request] = server.sent('GET /api/2.2/jobs/runs/get-output');
    expect(request?.query.get('run_id')).to.equal('1001');
    expect(request?.body).to.have.length(0);
  });

  it('finds MLflow in the earlier shape of an output', async () => {
    const { details } = await read(trainingRun(), {
      'GET /api/2.2/jobs/runs/get-output': {
        json: { gen_ai_compute_output: { run_info: { mlflow_experiment_id: 88, mlflow_run_id: 'old' } } },
      },
    });
    expect(details.mlflow_url).to.equal(`${server.url}/ml/experiments/88/runs/old/artifacts/logs/node_0`);
  });

  it('lives without MLflow and without the workspace id', async () => {
    const denied = apiError(403, 'PERMISSION_DENIED', 'no');
    const { details, warnings } = await read(trainingRun(), {
      'GET /api/2.2/jobs/runs/get-output': denied,
      'GET /api/2.0/preview/scim/v2/Me': { json: { userName: 'alice' } },
    });
    expect(details.mlflow_url).to.equal(null);
    expect(details.dashboard_url).to.equal(`${server.url}/jobs/runs/42`);
    expect(warnings).to.deep.equal([]);
  });

  it('says why a waiting run waits', async () => {
    const waiting = trainingRun({ state: { life_cycle_state: 'PENDING', state_message: 'In the queue.' } });
    expect((await read(waiting)).details).to.deep.include({
      status: 'PENDING',
      status_message: 'In the queue.',
    });
    await server.close();
    const { details } = await read(waiting, {
      'GET /api/2.2/jobs/runs/get-output': {
        json: { ai_runtime_task_output: { status_message: 'STATUS: Waiting for 16 H100.' } },
      },
    });
    expect(details.status_message).to.equal('Waiting for 16 H100.');
    await server.close();
    const failed = trainingRun({
      state: { life_cycle_state: 'TERMINATED', result_state: 'FAILED', state_message: 'x' },
    });
    expect((await read(failed)).details).to.deep.include({ status_message: null, termination_reason: 'x' });
  });

  it('fails for an unknown run', async () => {
    const reader = await readerOf(workspaceOf([]), '7');
    const error = await reader.read().then(
      () => expect.fail('It was read.'),
      (thrown: unknown) => thrown,
    );
    expect(error).to.deep.include({ code: 'NOT_FOUND', kind: 'NOT_FOUND', exitCode: 5 });
  });

  describe('its configuration', () => {
    const legacy = (fields: object) => trainingRun({ tasks: [{ run_id: 1, gen_ai_compute_task: fields }] });

    it('is a file beside the command; when it cannot be read, that is said', async () => {
      const { details, warnings } = await read(trainingRun(), {
        'GET /api/2.0/workspace/export': apiError(404, 'RESOURCE_DOES_NOT_EXIST', 'It is gone.'),
      });
      expect(server.sent('GET /api/2.0/workspace/export')[0]?.query.get('path')).to.equal(
        '/Workspace/Users/alice@example.com/.air/cli_launch/resnet/resnet_1/training_config.yaml',
      );
      expect(details.configuration).to.equal(null);
      expect(warnings).to.have.length(1);
      expect(warnings[0]).to.contain('training_config.yaml').and.contain('It is gone.');
    });

    it('is inline, in a file of another name, or made of two fields in earlier generations', async () => {
      const inline = { yaml_parameters: 'a: 1\n', yaml_parameters_file_path: '/Workspace/p.yaml' };
      expect((await read(legacy(inline))).details.configuration).to.equal('a: 1\n');
      await server.close();
      const file = { yaml_parameters_file_path: '/Workspace/p.yaml' };
      expect((await read(legacy(file))).details.configuration).to.equal('experiment_name: resnet\n');
      expect(server.sent('GET /api/2.0/workspace/export')[0]?.query.get('path')).to.equal(
        '/Workspace/p.yaml',
      );
      await server.close();
      const fields = {
        mlflow_experiment_name: '/Users/a/old',
        compute: { gpu_type: 'h100_80gb', num_gpus: 8 },
      };
      expect((await read(legacy(fields))).details.configuration).to.equal(
        'experiment_name: "old"\ncompute:\n  accelerator_type: h100_80gb\n  num_accelerators: 8\n',
      );
      await server.close();
      expect((await read(legacy({}))).details.configuration).to.equal(null);
    });
  });

  describe('a sweep', () => {
    it('is counts and iterations, a thousand of them over ten pages', async () => {
      const iterations = Array.from({ length: 1000 }, (_, index) =>
        trainingTask({ run_id: 50_000 + index, task_key: `sweep_${index}`, attempt_number: index % 3 }),
      );
      const sweep = sweepRun();
      const { details } = await read(sweep, {
        'GET /api/2.2/jobs/runs/get': ({ query }) => {
          if (query.get('run_id') === '42') return { json: sweep };
          const at = Number(query.get('page_token') ?? 0);
          const next = at + 100 < 1000 ? { next_page_token: String(at + 100) } : {};
          return { json: { run_id: 2001, iterations: iterations.slice(at, at + 100), ...next } };
        },
      });
      expect(details.is_sweep).to.equal(true);
      expect(details.experiment_name).to.equal('resnet');
      expect(details.sweep).to.deep.include({
        total_iterations: 5,
        completed_iterations: 3,
        succeeded_iterations: 2,
        failed_iterations: 1,
        active_iterations: 2,
      });
      expect(details.sweep?.iterations).to.have.length(1000);
      expect(details.sweep?.iterations?.[999]).to.deep.include({
        task_key: 'sweep_999',
        run_id: '50999',
        status: 'SUCCESS',
        duration_seconds: 63,
        experiment_name: 'resnet',
      });
      expect(server.sent('GET /api/2.0/workspace/export')).to.have.length(0);
      expectNothingTwice();
    });

    it('keeps its counts when its iterations cannot be read', async () => {
      const { details, warnings } = await read(sweepRun());
      expect(details.sweep).to.deep.include({ total_iterations: 5, iterations: null });
      expect(warnings).to.have.length(1);
    });
  });

  it('reads again without asking again for what cannot change', async () => {
    const reader = await readerOf(workspaceOf([trainingRun()]));
    const first = await reader.read();
    const asked = server.requests.length;
    const second = await reader.read();
    expect(second.details).to.deep.equal(first.details);
    expect(server.requests.slice(asked).map(({ path }) => path)).to.deep.equal(['/api/2.2/jobs/runs/get']);
  });
});
