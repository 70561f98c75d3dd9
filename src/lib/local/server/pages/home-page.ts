import type { LocalWorkspace } from '../workspace-state.js';
import { page } from './document.js';
import { badge, duration, time } from './format.js';
import { html } from './html.js';

const shownRuns = 100;

/** The first page: the newest runs, and the experiments. */
export function homePage(workspace: LocalWorkspace): Response {
  const runs = workspace.jobs.runs({ limit: shownRuns, activeOnly: false, completedOnly: false });
  const experiments = workspace.tracking.experiments.search({
    filter: '',
    orderBy: ['last_update_time DESC'],
    stage: 'active',
    limit: shownRuns,
    offset: 0,
  });
  return page({
    title: 'Runs',
    trail: [{ label: 'Runs' }],
    scripts: ['home.js'],
    body: html`
      <h1>Runs</h1>
      ${
        runs.length === 0
          ? html`<p class="empty">No run yet. Type: <code>air run -f train.yaml --local --watch</code></p>`
          : html`<div class="scroll">
              <table>
                <thead>
                  <tr>
                    <th scope="col">Run</th>
                    <th scope="col">State</th>
                    <th scope="col">Submitted</th>
                    <th scope="col">Duration</th>
                    <th scope="col">Accelerators</th>
                    <th scope="col">Id</th>
                  </tr>
                </thead>
                <tbody>
                  ${runs.map((run) => {
                    const compute = run.request.tasks[0]?.ai_runtime_task.deployments?.[0]?.compute;
                    return html`<tr>
                      <th scope="row"><a href="/jobs/runs/${run.runId}">${run.request.run_name}</a></th>
                      <td>${badge(run.result ?? run.lifeCycle)}</td>
                      <td>${time(run.submittedAt)}</td>
                      <td>${duration((run.endedAt ?? Date.now()) - run.submittedAt)}</td>
                      <td>${compute?.accelerator_count} ${compute?.accelerator_type}</td>
                      <td><code>${run.runId}</code></td>
                    </tr>`;
                  })}
                </tbody>
              </table>
            </div>`
      }
      <section aria-labelledby="experiments-title">
        <h2 id="experiments-title">Experiments</h2>
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">Experiment</th>
                <th scope="col">Changed</th>
                <th scope="col">Id</th>
              </tr>
            </thead>
            <tbody>
              ${experiments.map(
                ({ experimentId, name, lastUpdateTime }) =>
                  html`<tr>
                    <th scope="row"><a href="/ml/experiments/${experimentId}">${name}</a></th>
                    <td>${time(lastUpdateTime)}</td>
                    <td><code>${experimentId}</code></td>
                  </tr>`,
              )}
            </tbody>
          </table>
        </div>
      </section>
    `,
  });
}
