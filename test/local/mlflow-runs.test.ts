import { expect } from 'chai';
import { startLocalWorkspace, type Answer, type ScratchWorkspace } from '../support/local-workspace.js';
import { MlflowApi, type MlflowBody } from '../support/mlflow.js';

describe('MLflow runs of the local workspace', () => {
  let lw: ScratchWorkspace;
  let mlflow: MlflowApi;
  before(async () => {
    lw = await startLocalWorkspace();
    mlflow = new MlflowApi(lw);
  });
  after(() => lw.close());

  const refused = (answer: Answer<MlflowBody>, status: number, code: string, about: string | RegExp) => {
    const { body } = answer;
    expect(body, JSON.stringify(body)).to.have.all.keys('error_code', 'message');
    expect([answer.status, body.error_code], body.message).to.deep.equal([status, code]);
    expect(answer.body.message).to.match(new RegExp(about));
  };

  it('says what is wrong in the words and codes of the Databricks API', async () => {
    const run_id = await mlflow.newRun();
    const metric = { run_id, key: 'loss', value: 1, timestamp: 1, step: 1 };
    const absent = 'f'.repeat(32);
    refused(await mlflow.get('runs/get', { run_id: absent }), 404, 'RESOURCE_DOES_NOT_EXIST', absent);
    refused(await mlflow.get('runs/get'), 400, 'INVALID_PARAMETER_VALUE', 'run_id');
    refused(
      await mlflow.get('experiments/get', { experiment_id: '987654' }),
      404,
      'RESOURCE_DOES_NOT_EXIST',
      '987654',
    );
    refused(await mlflow.post('experiments/create', {}), 400, 'INVALID_PARAMETER_VALUE', 'name');
    refused(
      await mlflow.post('experiments/create', { name: 'Default' }),
      400,
      'RESOURCE_ALREADY_EXISTS',
      'Default',
    );
    const wrong: [string, unknown, string][] = [
      ['runs/log-metric', { ...metric, value: 'much' }, 'much'],
      ['runs/log-metric', { ...metric, value: undefined }, 'value'],
      ['runs/log-metric', { ...metric, step: 1.5 }, '1.5'],
      ['runs/log-metric', { ...metric, step: '9223372036854775808' }, '64-bit'],
      ['runs/log-metric', { ...metric, key: '../up' }, '\\.\\./up'],
      ['runs/log-parameter', { run_id, key: 'a'.repeat(251), value: '' }, '251'],
      ['runs/log-parameter', { run_id, key: 'long', value: 'a'.repeat(6001) }, '6001'],
      ['runs/set-tag', { run_id, key: 'tag', value: 'a'.repeat(8001) }, '8001'],
      ['runs/update', { run_id, status: 'GREAT' }, 'GREAT'],
      ['runs/search', { experiment_ids: ['0'], max_results: 50_001 }, '50001'],
      ['runs/search', { experiment_ids: ['0'], page_token: 'nonsense' }, 'nonsense'],
      ['runs/log-batch', '{"run_id":', 'JSON'],
      ['runs/log-batch', '[]', 'object'],
      ['runs/log-batch', { run_id, metrics: ['x'] }, 'metrics'],
    ];
    for (const [call, body, about] of wrong) {
      refused(await mlflow.post(call, body), 400, 'INVALID_PARAMETER_VALUE', about);
    }
    expect((await mlflow.run(run_id)).data.metrics).to.deep.equal([]);
    refused(await mlflow.get('no/such/call'), 404, 'ENDPOINT_NOT_FOUND', 'no/such/call');
  });

  it('gives back every number as it came: NaN, infinities, doubles to the last bit, steps of 64 bits', async () => {
    const run_id = await mlflow.newRun();
    const steps = ['9223372036854775807', '-9223372036854775808', '9007199254740993', 7, 0];
    const values = ['NaN', 'Infinity', '-Infinity', 0.1 + 0.2, 5e-324];
    // As text: JavaScript's own numbers could not say these steps.
    for (const [index, value] of values.entries()) {
      const body = `{"run_id":"${run_id}","key":"odd","value":${JSON.stringify(value)},"timestamp":${index},"step":${steps[index]}}`;
      expect((await mlflow.post('runs/log-metric', body)).status).to.equal(200);
    }
    const { points } = await mlflow.history(run_id, 'odd', 100);
    expect(points.map(({ value }) => value)).to.deep.equal(values);
    expect(points.map(({ step }) => step)).to.deep.equal(steps);
    const [newest] = (await mlflow.run(run_id)).data.metrics;
    expect(newest).to.deep.equal({ key: 'odd', value: 'NaN', timestamp: 0, step: '9223372036854775807' });
  });

  it('pages through a history, each point once, whatever the size of a page', async () => {
    const run_id = await mlflow.newRun();
    const metrics = Array.from({ length: 1000 }, (_, step) => ({
      ...{ key: 'loss', step },
      // Equal timestamps and values that are no numbers stand on the edges of pages too.
      timestamp: Math.floor(step / 7),
      value: step % 5 === 0 ? 'NaN' : step % 11 === 0 ? 'Infinity' : step / 3,
    }));
    expect((await mlflow.post('runs/log-batch', { run_id, metrics })).status).to.equal(200);
    // The same batch again, as a client sends it after an answer was lost.
    expect((await mlflow.post('runs/log-batch', { run_id, metrics })).status).to.equal(200);
    for (const [most, expectedPages] of [
      [1000, 1],
      [999, 2],
      [64, 16],
    ] as const) {
      const { points, pages } = await mlflow.history(run_id, 'loss', most);
      expect(pages, `pages of ${most}`).to.equal(expectedPages);
      expect(points.map(({ step }) => step)).to.deep.equal(metrics.map(({ step }) => step));
      expect(points.map(({ value }) => value)).to.deep.equal(metrics.map(({ value }) => value));
    }
    const others = await mlflow.get('metrics/get-history', { run_id, metric_key: 'none' });
    expect(others.body).to.deep.equal({ metrics: [] });
    refused(
      await mlflow.get('metrics/get-history', { run_id, metric_key: 'loss', page_token: 'x' }),
      400,
      'INVALID_PARAMETER_VALUE',
      'page token',
    );
  });

  it('outlines a long history with its peaks and its last point', async () => {
    const run_id = await mlflow.newRun();
    for (let from = 0; from < 20_000; from += 1000) {
      const metrics = Array.from({ length: 1000 }, (_, index) => {
        const step = from + index;
        return { key: 'wave', step, timestamp: step, value: step === 12_345 ? 999 : Math.sin(step) };
      });
      await mlflow.post('runs/log-batch', { run_id, metrics });
    }
    const { body } = await mlflow.get('metrics/get-history-bulk-interval', {
      ...{ run_ids: run_id, metric_key: 'wave' },
      max_results: '100',
    });
    expect(body.metrics.length).to.be.within(50, 102);
    expect(body.metrics.at(-1)?.step).to.equal(19_999);
    expect(body.metrics.find(({ value }) => value === 999)?.step).to.equal(12_345);
    expect(body.metrics.map(({ step }) => Number(step))).to.deep.equal(
      body.metrics.map(({ step }) => Number(step)).sort((a, b) => a - b),
    );
  });

  it('stores all of a batch or nothing of it', async () => {
    const run_id = await mlflow.newRun();
    const log = (batch: object) => mlflow.post('runs/log-batch', { run_id, ...batch });
    const metric = (key: string) => ({ key, value: 1, timestamp: 1, step: 1 });
    const pair = (key: string, value = 'x') => ({ key, value });
    expect((await log({ metrics: [metric('m')], params: [pair('p')], tags: [pair('t')] })).status).to.equal(
      200,
    );
    const halves = [
      { metrics: [metric('n')], params: [pair('p', 'other'), pair('q')], tags: [pair('u')] },
      { metrics: [metric('n'), { ...metric('o'), value: 'no number' }], params: [pair('q')] },
      { metrics: [metric('n')], tags: [pair('u'), pair('', 'no key')] },
    ];
    for (const half of halves) expect((await log(half)).status).to.equal(400);
    refused(
      await log({ metrics: Array.from({ length: 1001 }, () => metric('n')) }),
      400,
      'INVALID_PARAMETER_VALUE',
      '1001',
    );
    const { data } = await mlflow.run(run_id);
    expect(data.metrics.map(({ key }) => key)).to.deep.equal(['m']);
    expect(data.params).to.deep.equal([{ key: 'p', value: 'x' }]);
    expect(data.tags.map(({ key }) => key)).to.deep.equal(['mlflow.runName', 't']);
  });

  it('takes no second value for a parameter, any for a tag, and neither for a deleted run', async () => {
    const run_id = await mlflow.newRun({ run_name: 'first' });
    const param = (value: string) => mlflow.post('runs/log-parameter', { run_id, key: 'lr', value });
    expect((await param('0.1')).status).to.equal(200);
    expect((await param('0.1')).status).to.equal(200);
    refused(await param('0.2'), 400, 'INVALID_PARAMETER_VALUE', "'0.1'.*'0.2'");
    for (const value of ['a', 'b\0c', 'ünïcode ✓'])
      await mlflow.post('runs/set-tag', { run_id, key: value, value });
    await mlflow.post('runs/update', { run_id, run_name: 'second', status: 'FINISHED', end_time: 5 });
    const { info, data } = await mlflow.run(run_id);
    expect(info).to.include({ run_name: 'second', status: 'FINISHED', end_time: 5 });
    expect(data.tags).to.deep.include({ key: 'mlflow.runName', value: 'second' });
    await mlflow.post('runs/delete', { run_id });
    refused(await param('0.1'), 400, 'INVALID_PARAMETER_VALUE', 'deleted');
    const found = await mlflow.post('runs/search', { experiment_ids: [info['experiment_id']] });
    expect(found.body.runs).to.deep.equal([]);
    await mlflow.post('runs/restore', { run_id });
    expect((await param('0.1')).status).to.equal(200);
  });

  it('keeps experiments by name, through deletion and restoration', async () => {
    const name = '/Users/someone/größe';
    const { experiment_id } = (await mlflow.post('experiments/create', { name })).body;
    await mlflow.post('experiments/delete', { experiment_id });
    refused(await mlflow.post('experiments/create', { name }), 400, 'RESOURCE_ALREADY_EXISTS', 'deleted');
    refused(await mlflow.post('runs/create', { experiment_id }), 400, 'INVALID_PARAMETER_VALUE', 'deleted');
    await mlflow.post('experiments/restore', { experiment_id });
    await mlflow.post('experiments/update', { experiment_id, new_name: `${name}2` });
    await mlflow.post('experiments/set-experiment-tag', { experiment_id, key: 'team', value: 'x' });
    const found = await mlflow.get('experiments/get-by-name', { experiment_name: `${name}2` });
    expect(found.body.experiment).to.deep.include({
      experiment_id,
      lifecycle_stage: 'active',
      artifact_location: `mlflow-artifacts:/${experiment_id}`,
      tags: [{ key: 'team', value: 'x' }],
    });
  });

  it('loses nothing it acknowledged when its server is killed', async () => {
    const other = await startLocalWorkspace();
    try {
      const api = new MlflowApi(other);
      const run_id = await api.newRun();
      for (let step = 0; step < 20; step++) {
        const metrics = [{ key: 'loss', value: step, timestamp: step, step }];
        expect((await api.post('runs/log-batch', { run_id, metrics })).status).to.equal(200);
      }
      await other.killServer();
      await other.start();
      expect((await api.history(run_id, 'loss', 100)).points).to.have.length(20);
    } finally {
      await other.close();
    }
  });
});
