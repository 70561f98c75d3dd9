import { expect } from 'chai';
import {
  acceleratorsOf,
  environmentName,
  experimentName,
  isTrainingRun,
} from '../../../src/lib/runs/training.js';
import { sweepRun, trainingRun, trainingTask } from '../../support/training-runs.js';

const named = (experiment: string) => experimentName({ ai_runtime_task: { experiment } });

describe('what a run trains', () => {
  it('drops only the folder of a user from the experiment', () => {
    expect(named('/Users/a@b.c/resnet')).to.equal('resnet');
    expect(named('/Users/a@b.c/team/resnet')).to.equal('team/resnet');
    expect(named('/Users/a@b.c')).to.equal('/Users/a@b.c');
    expect(named('/Users/a@b.c/')).to.equal('/Users/a@b.c/');
    expect(named('/Shared/x')).to.equal('/Shared/x');
    expect(named('resnet')).to.equal('resnet');
    expect(named('')).to.equal(null);
    expect(experimentName(undefined)).to.equal(null);
    expect(experimentName({ gen_ai_compute_task: { mlflow_experiment_name: '/Users/a/old' } })).to.equal(
      'old',
    );
  });

  it('finds the GPUs in both forms', () => {
    expect(acceleratorsOf(trainingTask())).to.deep.equal({ type: 'GPU_8xH100', count: 16 });
    expect(
      acceleratorsOf({ gen_ai_compute_task: { compute: { gpu_type: 'a10', num_gpus: 4 } } }),
    ).to.deep.equal({
      type: 'a10',
      count: 4,
    });
    expect(acceleratorsOf({ ai_runtime_task: { deployments: [] } })).to.deep.equal({
      type: null,
      count: null,
    });
  });

  it('names the environment of the task', () => {
    expect(environmentName(trainingRun())).to.equal('6');
    const base = { environment_key: 'default', spec: { base_environment: 'databricks_ai_v5' } };
    expect(environmentName(trainingRun({ environments: [base] }))).to.equal('databricks_ai_v5');
    expect(environmentName(trainingRun({ environments: [] }))).to.equal(null);
    expect(environmentName({})).to.equal(null);
  });

  it('tells training runs from others', () => {
    expect(isTrainingRun(trainingRun())).to.equal(true);
    expect(isTrainingRun(sweepRun())).to.equal(true);
    expect(isTrainingRun({ tasks: [{ gen_ai_compute_task: { training_script_path: '/x' } }] })).to.equal(
      true,
    );
    expect(isTrainingRun({ tasks: [{ gen_ai_compute_task: {} }] })).to.equal(false);
    expect(isTrainingRun({ tasks: [{ task_key: 'notebook' }] })).to.equal(false);
    expect(isTrainingRun({ tasks: [] })).to.equal(false);
    expect(isTrainingRun({})).to.equal(false);
  });
});
