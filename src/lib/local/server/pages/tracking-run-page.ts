import type { TrackingRun } from '../../store/tracking-runs.js';
import type { LocalWorkspace } from '../workspace-state.js';
import { facts, page } from './document.js';
import { badge, duration, metric, time } from './format.js';
import { html, type Html, type Insertable } from './html.js';

/** The page of an MLflow run: its parameters, its metrics plotted, its tags. */
export function trackingRunPage(workspace: LocalWorkspace, run: TrackingRun): Response {
  const attempt = workspace.jobs.attemptOfMlflowRun(run.runId);
  const tags = run.tags.filter(({ key }) => !key.startsWith('mlflow.'));
  const end = run.endTime ?? (run.status === 'RUNNING' ? Date.now() : null);
  return runPage(workspace, run, 'overview', {
    scripts: ['metrics.js'],
    styles: ['uPlot.min.css'],
    body: html`
      ${facts([
        ['Started', time(run.startTime)],
        ['Ended', time(run.endTime)],
        ['Duration', end === null ? '-' : duration(end - run.startTime)],
        ['User', run.userId || run.tags.find(({ key }) => key === 'mlflow.user')?.value],
        ['Run id', html`<code>${run.runId}</code>`],
        [
          'Job run',
          attempt &&
            html`<a href="/jobs/runs/${attempt.runId}?attempt=${attempt.number}"
              >${attempt.runId}, attempt ${attempt.number}</a
            >`,
        ],
      ])}
      <section aria-labelledby="metrics-title">
        <div class="section-title">
          <h2 id="metrics-title">Metrics</h2>
          <fieldset id="axis" class="inline" ${run.metrics.length === 0 ? 'hidden' : ''}>
            <legend class="hidden">Horizontal axis</legend>
            <label class="check"><input type="radio" name="axis" value="step" checked /> Steps</label>
            <label class="check"><input type="radio" name="axis" value="time" /> Time</label>
          </fieldset>
          <label class="check"><input type="checkbox" id="logarithmic" /> Logarithmic</label>
        </div>
        <div
          id="plots"
          class="plots"
          data-run="${run.runId}"
          data-live="${run.status === 'RUNNING' ? 'yes' : 'no'}"
        >
          ${run.metrics.length === 0 && html`<p class="empty">No metrics logged.</p>`}
          <noscript><p>The plots need JavaScript; the newest values are below.</p></noscript>
        </div>
      </section>
      <div class="columns">
        ${pairs(
          'Newest values',
          run.metrics.map(({ key, value, step }) => [
            key,
            html`<span title="step ${String(step)}">${metric(value)}</span>`,
          ]),
        )}
        ${pairs(
          'Parameters',
          run.params.map(({ key, value }) => [key, value]),
        )}
        ${pairs(
          'Tags',
          tags.map(({ key, value }) => [key, value]),
        )}
      </div>
    `,
  });
}

/** What the pages of one MLflow run share: its name, its state, and the way between them. */
export function runPage(
  { tracking }: LocalWorkspace,
  run: TrackingRun,
  tab: 'overview' | 'artifacts',
  parts: { body: Insertable; scripts?: string[]; styles?: string[] },
): Response {
  const experiment = tracking.experiments.get(run.experimentId);
  const address = `/ml/experiments/${run.experimentId}/runs/${run.runId}`;
  const name = run.runName || run.runId;
  const link = (label: string, href: string, current: boolean) =>
    html`<a href="${href}" ${current ? html`aria-current="page"` : ''}>${label}</a>`;
  return page({
    ...parts,
    title: name,
    trail: [
      { label: 'Runs', href: '/' },
      { label: experiment.name, href: `/ml/experiments/${run.experimentId}` },
      { label: name },
    ],
    body: html`
      <div class="title">
        <h1>${name}</h1>
        ${badge(run.status)}
      </div>
      <nav class="tabs" aria-label="Run">
        ${link('Overview', address, tab === 'overview')}
        ${link('Artifacts', `${address}/artifacts`, tab === 'artifacts')}
      </nav>
      ${parts.body}
    `,
  });
}

function pairs(title: string, entries: readonly (readonly [string, Insertable])[]): Html {
  return html`<section class="pairs">
    <h2>${title} <span class="count">${entries.length}</span></h2>
    <table>
      <tbody>
        ${entries.map(
          ([key, value]) =>
            html`<tr>
              <th scope="row">${key}</th>
              <td>${value}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}
