import { AirError } from '../../../errors.js';
import type { TrackingRun } from '../../store/tracking-runs.js';
import type { Tracking } from '../../store/tracking.js';
import { page } from './document.js';
import { badge, duration, metric, time } from './format.js';
import { html, type Html } from './html.js';

const shownRuns = 500;
/** More columns than this help nobody; the rest is on the runs' own pages. */
const shownKeys = 20;

/** The page of an experiment: its runs in a table, narrowed by a filter. */
export function experimentPage(
  { experiments, runs }: Tracking,
  experimentId: string,
  filter: string,
): Response {
  const experiment = experiments.get(experimentId);
  let found: TrackingRun[] = [];
  let problem: string | undefined;
  try {
    const query = { filter, orderBy: [], stage: 'active' as const, limit: shownRuns, offset: 0 };
    found = runs.search([experimentId], query);
  } catch (error) {
    if (!(error instanceof AirError)) throw error;
    problem = error.message;
  }
  return page({
    title: experiment.name,
    trail: [{ label: 'Runs', href: '/' }, { label: experiment.name }],
    scripts: ['table-sort.js'],
    body: html`
      <h1>${experiment.name}</h1>
      <form class="filter" method="get" role="search">
        <label for="filter">Filter</label>
        <input
          id="filter"
          name="filter"
          value="${filter}"
          spellcheck="false"
          autocomplete="off"
          placeholder="metrics.accuracy &gt; 0.9 AND params.lr = '0.1'"
          ${problem === undefined ? '' : html`aria-invalid="true" aria-describedby="problem"`}
        />
        <button type="submit">Show</button>
      </form>
      ${problem !== undefined && html`<p id="problem" class="problem" role="alert">${problem}</p>`}
      ${found.length === 0 ? html`<p class="empty">No runs${filter && ' match this filter'}.</p>` : table(found)}
      ${found.length === shownRuns && html`<p class="note">The newest ${shownRuns} runs are shown.</p>`}
    `,
  });
}

function table(runs: readonly TrackingRun[]): Html {
  const params = keysOf(runs.map((run) => run.params));
  const metrics = keysOf(runs.map((run) => run.metrics));
  return html`<div class="scroll">
    <table class="sortable">
      <thead>
        <tr>
          <th scope="col" rowspan="2">Run</th>
          <th scope="col" rowspan="2">Status</th>
          <th scope="col" rowspan="2">Started</th>
          <th scope="col" rowspan="2">Duration</th>
          ${metrics.length > 0 && html`<th scope="colgroup" class="group" colspan="${metrics.length}">Metrics</th>`}
          ${params.length > 0 && html`<th scope="colgroup" class="group" colspan="${params.length}">Parameters</th>`}
        </tr>
        <tr>
          ${[...metrics, ...params].map((key) => html`<th scope="col">${key}</th>`)}
        </tr>
      </thead>
      <tbody>
        ${runs.map((run) => {
          const length = (run.endTime ?? Date.now()) - run.startTime;
          const values = new Map(run.metrics.map(({ key, value }) => [key, value]));
          const texts = new Map(run.params.map(({ key, value }) => [key, value]));
          return html`<tr>
            <th scope="row">
              <a href="/ml/experiments/${run.experimentId}/runs/${run.runId}">${run.runName || run.runId}</a>
            </th>
            <td>${badge(run.status)}</td>
            <td data-value="${run.startTime}">${time(run.startTime)}</td>
            <td data-value="${length}">
              ${run.endTime === null && run.status !== 'RUNNING' ? '-' : duration(length)}
            </td>
            ${metrics.map((key) => {
              const value = values.get(key);
              return html`<td class="number" data-value="${value}">
                ${value === undefined ? '' : metric(value)}
              </td>`;
            })}
            ${params.map((key) => html`<td class="text">${texts.get(key)}</td>`)}
          </tr>`;
        })}
      </tbody>
    </table>
  </div>`;
}

function keysOf(lists: readonly (readonly { key: string }[])[]): string[] {
  return [...new Set(lists.flatMap((list) => list.map(({ key }) => key)))].sort().slice(0, shownKeys);
}
