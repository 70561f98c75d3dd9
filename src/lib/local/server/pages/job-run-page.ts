import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { nodesOf } from '../../engine/run-logs.js';
import type { AttemptRecord, RunRecord } from '../../store/job-records.js';
import { workspacePlace } from '../../store/place.js';
import type { LocalWorkspace } from '../workspace-state.js';
import { facts, page } from './document.js';
import { badge, duration, time } from './format.js';
import { html, type Html } from './html.js';

/** The page of a job run: its state, attempts, configuration, and the live log of each node. */
export async function jobRunPage(
  workspace: LocalWorkspace,
  run: RunRecord,
  shown: { attempt: string | undefined; node: string | undefined },
): Promise<Response> {
  const attempts = workspace.jobs.attempts(run.runId);
  const latest = attempts.at(-1);
  const attempt = attempts.find(({ number }) => String(number) === shown.attempt) ?? latest;
  const nodes = nodesOf(run);
  const node = nodes.find((index) => String(index) === shown.node) ?? 0;
  const configuration = await configurationOf(workspace, run);
  return page({
    title: run.request.run_name,
    trail: [{ label: 'Runs', href: '/' }, { label: run.runId }],
    scripts: ['job-run.js'],
    body: html`
      <div class="title">
        <h1>${run.request.run_name}</h1>
        <div class="actions">
          <form
            id="cancel"
            method="post"
            action="/pages/runs/${run.runId}/cancel"
            ${run.endedAt === null ? '' : 'hidden'}
          >
            <button class="danger" type="submit">Cancel run</button>
          </form>
        </div>
      </div>
      <div id="state" data-run="${run.runId}" aria-live="polite">${jobRunState(run, attempts)}</div>
      <section aria-labelledby="log-title">
        <div class="section-title">
          <h2 id="log-title">Log</h2>
          <form class="inline" id="log-choice" method="get">
            <label
              >Attempt
              <select name="attempt">
                ${attempts.map(
                  ({ number }) =>
                    html`<option value="${number}" ${number === attempt?.number ? 'selected' : ''}>
                      ${number}
                    </option>`,
                )}
              </select>
            </label>
            <label
              >Node
              <select name="node">
                ${nodes.map(
                  (index) =>
                    html`<option value="${index}" ${index === node ? 'selected' : ''}>${index}</option>`,
                )}
              </select>
            </label>
            <noscript><button type="submit">Show</button></noscript>
          </form>
          <label class="check"><input type="checkbox" id="follow" checked /> Follow</label>
          <span id="log-note" class="note" role="status"></span>
        </div>
        <div
          id="log"
          class="log"
          tabindex="0"
          role="log"
          aria-live="off"
          aria-label="Log of node ${node}"
          data-run="${run.runId}"
          data-attempt="${attempt?.number ?? 0}"
          data-node="${node}"
        ></div>
      </section>
      <section aria-labelledby="configuration-title">
        <h2 id="configuration-title">Configuration</h2>
        ${configuration}
      </section>
      <dialog id="confirm" aria-labelledby="confirm-title">
        <form method="dialog">
          <h2 id="confirm-title">Cancel this run?</h2>
          <p>Its nodes are asked to stop, and stopped after ten seconds. What they logged is kept.</p>
          <menu>
            <button value="keep" autofocus>Keep running</button>
            <button value="cancel" class="danger">Cancel run</button>
          </menu>
        </form>
      </dialog>
    `,
  });
}

/** What changes while a run goes on; the page asks for it again. */
export function jobRunState(run: RunRecord, attempts: readonly AttemptRecord[], queueMessage?: string): Html {
  const latest = attempts.at(-1);
  const message = queueMessage ?? (run.message || latest?.message);
  const end = run.endedAt ?? Date.now();
  return html`
    <p class="lead">${badge(run.result ?? run.lifeCycle)} ${message}</p>
    ${facts([
      ['Run', html`<code>${run.runId}</code>`],
      ['Submitted', time(run.submittedAt)],
      ['Ended', time(run.endedAt)],
      ['Duration', duration(end - run.submittedAt)],
      [
        'MLflow run',
        latest &&
          html`<a href="/ml/experiments/${latest.experimentId}/runs/${latest.mlflowRunId}"
            >metrics and artifacts</a
          >`,
      ],
    ])}
    <h2 class="table-title">Attempts</h2>
    <div class="scroll">
      <table aria-label="Attempts">
        <thead>
          <tr>
            <th scope="col">Attempt</th>
            <th scope="col">State</th>
            <th scope="col">Started</th>
            <th scope="col">Duration</th>
            <th scope="col">GPUs</th>
            <th scope="col">Message</th>
            <th scope="col">MLflow</th>
          </tr>
        </thead>
        <tbody>
          ${attempts.map(
            (attempt) =>
              html`<tr>
                <td>${attempt.number}</td>
                <td>${badge(attempt.result ?? attempt.lifeCycle)}</td>
                <td>${time(attempt.startedAt)}</td>
                <td>
                  ${attempt.startedAt === null ? '-' : duration((attempt.endedAt ?? Date.now()) - attempt.startedAt)}
                </td>
                <td>${attempt.gpus.length === 0 ? 'none (CPU)' : attempt.gpus.join(', ')}</td>
                <td>${attempt.message}</td>
                <td>
                  <a href="/ml/experiments/${attempt.experimentId}/runs/${attempt.mlflowRunId}"
                    ><code>${attempt.mlflowRunId.slice(0, 8)}</code></a
                  >
                </td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  `;
}

async function configurationOf({ layout }: LocalWorkspace, run: RunRecord): Promise<Html> {
  const task = run.request.tasks[0];
  const training = task?.ai_runtime_task;
  const deployment = training?.deployments?.[0];
  const spec = run.request.environments?.[0]?.spec;
  const yaml = await readTraining(layout, deployment?.command_path);
  return html`
    ${facts([
      ['Experiment', training?.experiment],
      [
        'Accelerators',
        `${deployment?.compute?.accelerator_count ?? 0} (${deployment?.compute?.accelerator_type ?? '-'})`,
      ],
      ['Nodes', nodesOf(run).length],
      ['Environment', spec?.environment_version ?? spec?.base_environment ?? '-'],
      ['Retries', task?.max_retries ?? 0],
      ['Time limit', run.request.timeout_seconds ? duration(run.request.timeout_seconds * 1000) : 'none'],
      ['Code', html`<code>${training?.code_source_path ?? 'none'}</code>`],
      ['Command', html`<code>${deployment?.command_path}</code>`],
    ])}
    ${
      yaml !== undefined &&
      html`<details open>
        <summary>training_config.yaml</summary>
        <pre class="code" tabindex="0">${yaml}</pre>
      </details>`
    }
  `;
}

/** The workload file that the CLI uploads beside the command. */
async function readTraining(layout: LocalWorkspace['layout'], command = ''): Promise<string | undefined> {
  const place = workspacePlace(layout, command);
  if (!place) return undefined;
  try {
    return await readFile(join(dirname(place.file), 'training_config.yaml'), 'utf8');
  } catch {
    return undefined;
  }
}
