import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect } from 'chai';
import type { Page } from 'playwright-core';
import type { RunOutput } from '../../src/lib/workspace/contract/index.js';
import { openBrowser, type OpenBrowser } from '../support/browser.js';
import { startLocalWorkspace, type ScratchWorkspace } from '../support/local-workspace.js';
import { MlflowApi } from '../support/mlflow.js';

describe('pages of the local workspace', () => {
  let lw: ScratchWorkspace;
  before(async () => {
    lw = await startLocalWorkspace();
  });
  after(() => lw.close());

  it('open for nobody without the cookie, and say what to type', async () => {
    for (const path of ['/', '/jobs/runs/1', '/ml/experiments/0', '/pages/assets/page.css']) {
      const response = await fetch(lw.host + path);
      expect(response.status).to.equal(403);
      expect((await response.text()).trim().split('\n')).to.have.length(1);
    }
  });

  it('name the run of their path in the command that opens them, in nothing but digits', async () => {
    const said = async (path: string) => (await fetch(lw.host + path)).text();
    const run = '5501671404549720';
    expect(await said(`/jobs/runs/${run}`)).to.match(new RegExp(`: air local open ${run}\n$`));
    for (const path of ['/', '/jobs/runs/1;rm', '/jobs/runs/1%0Aname', `/jobs/runs/${'1'.repeat(20)}`]) {
      expect(await said(path), path).to.match(/: air local open\n$/);
    }
  });

  it('say no more to another host name, as after DNS rebinding, or to another site', async () => {
    const foreign: Record<string, string>[] = [{ host: 'evil.example' }, { origin: 'https://evil.example' }];
    for (const headers of foreign) {
      const { status, text } = await rawGet(lw, '/jobs/runs/1', headers);
      expect(status).to.equal(403);
      expect(text).to.equal('This page is for its owner alone. Type: air local open\n');
    }
  });

  it('answer with an error page for a run that is unknown, and load nothing from elsewhere', async () => {
    const response = await lw.request('GET', '/jobs/runs/12345');
    expect(response.status).to.equal(404);
    expect(response.headers.get('content-security-policy')).to.include("default-src 'none'");
    expect(response.body).to.not.match(/(?:src|href)="https?:/);
  });

  describe('in a browser', function () {
    this.timeout(90_000);
    let browser: OpenBrowser | undefined;
    let page: Page;

    before(async function () {
      browser = await openBrowser(lw);
      if (browser) ({ page } = browser);
      else this.skip();
    });
    after(() => browser?.close());
    afterEach(() => {
      expect(browser?.complaints).to.deep.equal([]);
    });

    it('shows a log that grows, the colours of a terminal, no markup of the workload, and cancels the run', async () => {
      const runId = await lw.submit({
        nodes: 2,
        command: `printf '<b>bold?</b> \\033[32mgreen\\033[0m\\n'; for i in $(seq 600); do echo "line $i of $NODE_RANK"; sleep 0.1; done`,
      });
      await page.goto(`${lw.host}/jobs/runs/${runId}`);
      const log = page.locator('#log');
      await log.getByText('<b>bold?</b>').waitFor();
      expect(await log.locator('span.c2').textContent()).to.equal('green');
      await log.getByText('line 9 of 0', { exact: true }).waitFor();
      await log.getByText('line 14 of 0', { exact: true }).waitFor();
      await page.selectOption('select[name=node]', '1');
      await log.getByText('line 5 of 1', { exact: true }).waitFor();
      expect(await log.getByText('of 0', { exact: false }).count()).to.equal(0);
      await screenshot(page, 'job-run');
      await page.locator('#cancel button').click();
      await page.locator('#confirm button.danger').click();
      await page.locator('#state .lead').getByText('canceled').waitFor();
      expect((await lw.untilOver(runId)).state?.result_state).to.equal('CANCELED');
    });

    it('keeps the last 5,000 lines of a log, and follows it again when asked', async () => {
      const runId = await lw.submit({ command: 'seq -f "line %.0f" 60000; sleep 300' });
      await page.goto(`${lw.host}/jobs/runs/${runId}`);
      const log = page.locator('#log');
      await log.getByText('line 60000', { exact: true }).waitFor();
      expect(await log.locator('p').count()).to.be.within(4999, 5000);
      await page.evaluate('document.getElementById("log").scrollTop = 0');
      await page.locator('#follow:not(:checked)').waitFor();
      await page.locator('#follow').check();
      await holds(page, 'document.getElementById("log").scrollTop > 1000');
      await lw.request('POST', '/api/2.2/jobs/runs/cancel', { run_id: runId });
      await lw.untilOver(runId);
    });

    it('goes on with the log of a retry', async () => {
      const runId = await lw.submit({
        command: 'echo "try of $MLFLOW_RUN_ID"; sleep 3; exit 1',
        maxRetries: 1,
      });
      await lw.until(runId, (run) => run.state?.life_cycle_state === 'RUNNING');
      await page.goto(`${lw.host}/jobs/runs/${runId}?attempt=0`);
      const log = page.locator('#log');
      await page.locator('#log[data-attempt="0"]').getByText('try of').waitFor();
      const first = await log.getByText('try of').textContent();
      await holds(page, 'document.querySelector("select[name=attempt]").value === "1"');
      await log
        .getByText('try of')
        .filter({ hasNotText: first ?? '' })
        .waitFor();
      await page.locator('#state .lead').getByText('failed').waitFor();
      await page.getByText('The log is complete.').waitFor();
      expect(await page.locator('#cancel').isVisible()).to.equal(false);
    });

    it('opens the links that the mlflow client prints', async () => {
      const { experimentId, mlflowRunId } = await trackedRun(lw);
      await page.goto(`${lw.host}/#/experiments/${experimentId}/runs/${mlflowRunId}`);
      await page.waitForURL(`${lw.host}/ml/experiments/${experimentId}/runs/${mlflowRunId}`);
      await page.goto(`${lw.host}/#/experiments/${experimentId}`);
      await page.waitForURL(`${lw.host}/ml/experiments/${experimentId}`);
    });

    it('fits a narrow screen', async () => {
      const { runId, experimentId, mlflowRunId } = await trackedRun(lw);
      const experiment = `/ml/experiments/${experimentId}`;
      const run = `${experiment}/runs/${mlflowRunId}`;
      await page.setViewportSize({ width: 400, height: 800 });
      for (const path of ['/', `/jobs/runs/${runId}`, experiment, run, `${run}/artifacts`]) {
        await page.goto(lw.host + path);
        const tooWide = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
        expect(tooWide, path).to.equal(0);
      }
      await page.setViewportSize({ width: 1280, height: 800 });
    });

    it('draws the metrics of a run over steps and over time, and lists its experiment', async () => {
      const { experimentId, mlflowRunId } = await trackedRun(lw);
      const address = `/ml/experiments/${experimentId}/runs/${mlflowRunId}`;
      await page.goto(lw.host + address);
      await page.locator('.plot canvas').nth(1).waitFor();
      expect(await isDrawn(page)).to.equal(true);
      await page.locator('.plot .u-over').first().hover();
      await page
        .locator('.plot output')
        .first()
        .getByText(/^step \d+: /)
        .waitFor();
      await page.getByLabel('Time').check();
      await page.locator('.plot[aria-label*="over seconds"] canvas').first().waitFor();
      expect(await isDrawn(page)).to.equal(true);
      await screenshot(page, 'metrics');
      await page.emulateMedia({ colorScheme: 'dark' });
      await page.reload();
      await page.locator('.plot canvas').first().waitFor();
      await screenshot(page, 'metrics-dark');
      await page.emulateMedia({ colorScheme: 'light' });
      await page.goto(
        `${lw.host}/ml/experiments/${experimentId}?filter=${encodeURIComponent(`metrics.loss < 9 AND run_id = '${mlflowRunId}'`)}`,
      );
      await page.getByRole('button', { name: 'loss' }).click();
      expect(await page.locator('tbody tr').count()).to.equal(1);
      await screenshot(page, 'experiment');
    });

    it('plots a long history by its outline', async () => {
      const mlflow = new MlflowApi(lw);
      const experimentId = await mlflow.experiment();
      const run_id = await mlflow.newRun({ experiment_id: experimentId });
      for (let from = 0; from < 100_000; from += 1000) {
        const metrics = Array.from({ length: 1000 }, (_, index) => {
          const step = from + index;
          return { key: 'loss', value: step === 77_777 ? 5 : Math.sin(step), timestamp: step, step };
        });
        await mlflow.post('runs/log-batch', { run_id, metrics });
      }
      await page.goto(`${lw.host}/ml/experiments/${experimentId}/runs/${run_id}`);
      await page.locator('.plot canvas').waitFor();
      const label = (await page.locator('.plot').getAttribute('aria-label')) ?? '';
      const [, points] = /^loss over steps, (\d+) points$/.exec(label) ?? [];
      expect(Number(points), label).to.be.within(1000, 5000);
      expect(await isDrawn(page)).to.equal(true);
      await screenshot(page, 'metrics-long');
    });

    it('browses artifacts, the logs of the run among them', async () => {
      const { experimentId, mlflowRunId } = await trackedRun(lw);
      const proxy = `/api/2.0/mlflow-artifacts/artifacts/${experimentId}/${mlflowRunId}/artifacts`;
      await lw.request('PUT', `${proxy}/notes/a%20%26%20b.txt`, '<script>alert(1)</script>');
      await page.goto(`${lw.host}/ml/experiments/${experimentId}/runs/${mlflowRunId}/artifacts`);
      await page.getByRole('link', { name: 'notes/' }).click();
      await page.getByRole('link', { name: 'a & b.txt' }).click();
      expect(await page.locator('pre').textContent()).to.equal('<script>alert(1)</script>');
      await page.goto(`${lw.host}/ml/experiments/${experimentId}/runs/${mlflowRunId}/artifacts/logs/node_0`);
      await page.getByRole('link', { name: 'logs-0.chunk.txt' }).click();
      expect(await page.locator('pre').textContent()).to.include('trained');
      await screenshot(page, 'artifact');
    });
  });
});

/** Waits in this process: what waits in the page would be text to evaluate, which the pages' policy forbids. */
async function holds(page: Page, expression: string): Promise<void> {
  while ((await page.evaluate(expression)) !== true) await delay(50);
}

/** A request with headers that fetch does not let through. */
function rawGet(
  lw: ScratchWorkspace,
  path: string,
  headers: Record<string, string>,
): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const asked = request(lw.host + path, { headers: { authorization: `Bearer ${lw.token}`, ...headers } });
    asked.once('error', reject);
    asked.once('response', (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      answer.once('end', () => resolve({ status: answer.statusCode, text }));
    });
    asked.end();
  });
}

/** A finished run that logged two metrics. */
async function trackedRun(lw: ScratchWorkspace) {
  const runId = await lw.submit({ command: 'echo trained' });
  const run = await lw.untilOver(runId);
  const path = `/api/2.2/jobs/runs/get-output?run_id=${run.tasks?.[0]?.run_id}`;
  const output = (await lw.request<RunOutput>('GET', path)).body.ai_runtime_task_output;
  const mlflowRunId = output?.mlflow_run_id ?? '';
  const metrics = Array.from({ length: 400 }, (_, step) => [
    { key: 'loss', value: 1 / (step + 1), step, timestamp: Date.now() + 100 * step },
    {
      key: 'accuracy',
      value: step === 7 ? 'NaN' : 1 - 1 / (step + 1),
      step,
      timestamp: Date.now() + 100 * step,
    },
  ]).flat();
  await lw.request('POST', '/api/2.0/mlflow/runs/log-batch', {
    run_id: mlflowRunId,
    metrics,
    params: [{ key: 'lr', value: '0.1' }],
  });
  return { runId, experimentId: String(output?.mlflow_experiment_id), mlflowRunId };
}

/** Whether the first plot has ink of the accent colour beyond its axes: many different colours on its canvas. */
function isDrawn(page: Page): Promise<boolean> {
  return page
    .locator('.plot canvas')
    .first()
    .evaluate((canvas) => {
      const { width, height } = canvas as unknown as { width: number; height: number };
      const context = (
        canvas as unknown as {
          getContext(kind: string): { getImageData(...box: number[]): { data: Uint8Array } };
        }
      ).getContext('2d');
      const { data } = context.getImageData(0, 0, width, height);
      let inked = 0;
      for (let at = 0; at < data.length; at += 4) {
        const [red = 0, , blue = 0, alpha = 0] = data.subarray(at, at + 4);
        if (alpha > 200 && blue - red > 60) inked++;
      }
      return inked > 100;
    });
}

/** Pictures of the pages, for those who want to look: in the folder that AIR_TEST_SCREENSHOTS names. */
async function screenshot(page: Page, name: string): Promise<void> {
  const folder = process.env['AIR_TEST_SCREENSHOTS'];
  if (folder) await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}
