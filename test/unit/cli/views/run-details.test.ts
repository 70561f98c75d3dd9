import { expect } from 'chai';
import { coarseDurationText, durationText } from '../../../../src/lib/cli/views/duration.js';
import { runDetailsView } from '../../../../src/lib/cli/views/run-details.js';
import { plainStyle, styleOf } from '../../../../src/lib/cli/terminal/style.js';
import { displayWidth } from '../../../../src/lib/cli/terminal/width.js';
import type { RunDetails } from '../../../../src/lib/runs/details.js';
import { summarize } from '../../../../src/lib/runs/summary.js';
import { describeSweep } from '../../../../src/lib/runs/sweep.js';
import { noTracking, type Tracking } from '../../../../src/lib/runs/tracking.js';
import type { Run } from '../../../../src/lib/workspace/contract/index.js';
import {
  runningRun,
  submittedAt,
  sweepRun,
  trainingRun,
  trainingTask,
} from '../../../support/training-runs.js';

const now = submittedAt + 3_605_000;
const ids = { experimentId: '77', runId: '0123456789abcdef' };
const host = 'https://w.example';
const richStyle = styleOf({ write: () => undefined, isTTY: true, columns: 80 }, {});

function detailsOf(run: Run, more: Partial<RunDetails> = {}, tracking: Partial<Tracking> = {}): RunDetails {
  const whole = { ...noTracking, ids, runName: 'calm-owl', ...tracking };
  const summary = summarize(run, { host, workspaceId: '5', now, tracking: whole });
  return { ...summary, sweep: null, configuration: null, ...more };
}

const view = (details: RunDetails, columns?: number) => runDetailsView(details, plainStyle, columns);

/** The value of a field of the metadata box. */
function field(text: string, label: string): string | undefined {
  return new RegExp(`^│ {2}${label} +(.*?) *│$`, 'm').exec(text)?.[1];
}

describe('the view of one run', () => {
  it('is the link, the configuration, the metadata and MLflow, in this order', () => {
    const configuration = 'experiment_name: resnet\ncommand: "set -e\\npython train.py\\n"\n';
    expect(view(detailsOf(trainingRun(), { configuration }))).to.equal(
      `Job Link: https://w.example/jobs/runs/42?o=5

╭─ Configuration ────────────────────────────────────────────────╮
│                                                                │
│  experiment_name: resnet                                       │
│  command: |                                                    │
│    set -e                                                      │
│    python train.py                                             │
│                                                                │
╰────────────────────────────────────────────────────────────────╯

╭─ Metadata ─────────────────────────────────────────────────────╮
│                                                                │
│  Run ID        42                                              │
│  Status        ● SUCCESS                                       │
│  Submitted     2026-08-21 10:00 UTC                            │
│  Retries       0                                               │
│  Max Retries   3                                               │
│  Duration      1m 3s                                           │
│  Experiment    resnet                                          │
│  MLflow Run    calm-owl                                        │
│  User          alice@example.com                               │
│  Accelerators  16x H100                                        │
│  Environment   6                                               │
│                                                                │
╰────────────────────────────────────────────────────────────────╯

MLflow URL: https://w.example/ml/experiments/77/runs/0123456789abcdef
`,
    );
  });

  it('says N/A for what is not known, and shows no box without a configuration', () => {
    const text = view(detailsOf({ run_id: 42 }, {}, noTracking));
    for (const label of [
      'Submitted',
      'Duration',
      'Experiment',
      'MLflow Run',
      'User',
      'Accelerators',
      'Environment',
    ]) {
      expect(field(text, label), label).to.equal('N/A');
    }
    expect(field(text, 'Status')).to.equal('● UNKNOWN');
    expect(field(text, 'Max Retries')).to.equal('0');
    expect(text).not.to.contain('Configuration').and.not.to.contain('MLflow URL');
  });

  it('shows the progress of a run that trains, and its duration up to now', () => {
    const progress = { remainingSeconds: 8100, percentComplete: 45 };
    const text = view(detailsOf(runningRun(), {}, { progress }));
    expect(field(text, 'Progress')).to.equal('45% · ~2h 15m left');
    const ending = { remainingSeconds: 10, percentComplete: 98 };
    expect(field(view(detailsOf(runningRun(), {}, { progress: ending })), 'Progress')).to.equal(
      '98% · <1m left',
    );
    expect(field(text, 'Duration')).to.equal('1h');
    expect(view(detailsOf(runningRun()))).not.to.contain('Progress');
  });

  it('names retries without limit, and a run of MLflow that has no name', () => {
    const run = trainingRun({ tasks: [trainingTask({ attempt_number: 2, max_retries: -1 })] });
    const text = view(detailsOf(run, {}, { runName: null }));
    expect(field(text, 'Retries')).to.equal('2');
    expect(field(text, 'Max Retries')).to.equal('unlimited');
    expect(field(text, 'MLflow Run')).to.equal('...89abcdef');
    expect(
      field(
        view(detailsOf(run, {}, { runName: null, ids: { experimentId: '1', runId: 'short' } })),
        'MLflow Run',
      ),
    ).to.equal('short');
  });

  it('shows GPUs of historical runs by the names of today, and others as they are', () => {
    const named = (gpu_type: string) =>
      field(
        view(detailsOf({ tasks: [{ gen_ai_compute_task: { compute: { gpu_type, num_gpus: 8 } } }] })),
        'Accelerators',
      );
    expect(named('h100_80gb')).to.equal('8x H100');
    expect(named('a10')).to.equal('8x A10');
    expect(named('GPU_1xH999')).to.equal('8x GPU_1xH999');
  });

  it('says why a run failed, after the box', () => {
    const run = trainingRun({
      state: {
        life_cycle_state: 'TERMINATED',
        result_state: 'FAILED',
        state_message: 'node 1 ended with exit code 137',
      },
    });
    expect(view(detailsOf(run))).to.match(
      /╯\n\nFailure reason: node 1 ended with exit code 137\n\nMLflow URL:/,
    );
  });

  it('says why a run waits', () => {
    const run = trainingRun({ state: { life_cycle_state: 'PENDING', state_message: 'third in the queue' } });
    expect(field(view(detailsOf(run)), 'Status')).to.equal('● PENDING (third in the queue)');
  });

  it('shows states that nobody knows, and ids beyond 2^53', () => {
    const run = trainingRun({ run_id: '9223372036854775807', state: { life_cycle_state: 'HIBERNATING' } });
    const text = view(detailsOf(run));
    expect(field(text, 'Status')).to.equal('● HIBERNATING');
    expect(field(text, 'Run ID')).to.equal('9223372036854775807');
  });

  it('never runs backwards when the server is ahead', () => {
    const run = runningRun({ start_time: now + 60_000 });
    run.tasks = [{ ...run.tasks?.[0], start_time: now + 60_000 }];
    expect(field(view(detailsOf(run)), 'Duration')).to.equal('0s');
  });

  for (const columns of [60, 200]) {
    it(`fits a terminal of ${columns} columns, wide characters and long lines included`, () => {
      const run = trainingRun({ creator_user_name: '名'.repeat(120) });
      run.tasks = [trainingTask({ ai_runtime_task: { experiment: `日本語-${'x'.repeat(250)}` } })];
      const configuration = `command: ${'python train.py --data /Volumes/a/b '.repeat(12)}\nnote: ${'語'.repeat(300)}\n`;
      const text = view(detailsOf(run, { configuration }), columns);
      const boxed = text.split('\n').filter((line) => /^[╭│╰]/.test(line));
      expect(boxed.length).to.be.greaterThan(15);
      for (const line of boxed) expect(displayWidth(line)).to.be.at.most(columns);
      const widths = new Set(boxed.map(displayWidth));
      expect(widths.size).to.be.at.most(2);
      const whole = boxed.join('').replace(/[│\s]/g, '');
      expect(Array.from(whole).filter((char) => char === '語')).to.have.length(301);
      expect(Array.from(whole).filter((char) => char === '名')).to.have.length(120);
    });
  }

  it('wraps a value under itself, not under its label', () => {
    const run = trainingRun({ creator_user_name: 'u'.repeat(60) });
    expect(view(detailsOf(run), 60)).to.match(/│ {2}User {10}u{40} {2}│\n│ {16}u{20} +│/);
  });

  it('wraps nothing into a pipe', () => {
    const long = 'x'.repeat(300);
    expect(view(detailsOf(trainingRun(), { configuration: `note: ${long}\n` }))).to.contain(`note: ${long}`);
  });

  it('cannot be made to move the cursor by a name', () => {
    const run = trainingRun({ creator_user_name: 'x\u001B[2Jy', state: { life_cycle_state: 'A\u0007B' } });
    const text = view(detailsOf(run, { configuration: 'a: "\u001B]0;t\u0007"\n' }));
    expect(text).not.to.match(/[\u0000-\u0009\u000B-\u001F]/);
    expect(field(text, 'User')).to.equal('x␛[2Jy');
  });

  it('links run, experiment, MLflow run and addresses on a terminal', () => {
    const text = runDetailsView(
      detailsOf(trainingRun(), { configuration: 'command: |\n  x\n' }),
      richStyle,
      100,
    );
    const linked = [...text.matchAll(/\u001B\]8;;(https[^\u001B]*)\u001B\\\u001B\[4m([^\u001B]*)/g)].map(
      ([, url, label]) => [label, url],
    );
    expect(linked).to.deep.equal([
      ['https://w.example/jobs/runs/42?o=5', 'https://w.example/jobs/runs/42?o=5'],
      ['42', 'https://w.example/jobs/runs/42?o=5'],
      ['resnet', 'https://w.example/ml/experiments/77'],
      ['calm-owl', 'https://w.example/ml/experiments/77/runs/0123456789abcdef'],
      [
        'https://w.example/ml/experiments/77/runs/0123456789abcdef',
        'https://w.example/ml/experiments/77/runs/0123456789abcdef',
      ],
    ]);
    expect(text).to.contain('\u001B[32m● SUCCESS').and.contain('\u001B[34mcommand\u001B[39m\u001B[2m: |');
  });
});

describe('the view of a sweep', () => {
  function sweepView(count: number, columns?: number): string {
    const run = sweepRun();
    const iterations = Array.from({ length: count }, (_, index) =>
      trainingTask({ run_id: 50_000 + index, task_key: `学習_${index}`, attempt_number: 1 }),
    );
    const sweep = describeSweep(run.tasks?.[0] ?? {}, iterations, now);
    return view(detailsOf(run, { sweep }), columns);
  }

  it('is counts, then iterations', () => {
    expect(sweepView(2)).to.equal(`Job Link: https://w.example/jobs/runs/42?o=5

Sweep Run ID: 42
Status:       ● SUCCESS
Total:        5
Completed:    3
Succeeded:    2
Failed:       1
Active:       2

Sweep Tasks:
  TASK    RUN ID  STATUS   RETRIES  DURATION  EXPERIMENT
  学習_0  50000   SUCCESS        1     1m 3s  resnet
  学習_1  50001   SUCCESS        1     1m 3s  resnet
`);
  });

  it('shows a thousand iterations within the terminal', () => {
    const lines = sweepView(1000, 60).trimEnd().split('\n');
    expect(lines).to.have.length(2 + 7 + 3 + 1000);
    for (const line of lines) expect(displayWidth(line)).to.be.at.most(60);
  });

  it('is counts alone when there are no iterations', () => {
    expect(sweepView(0)).not.to.contain('Sweep Tasks');
  });
});

describe('durations in words', () => {
  it('leave out units that are zero', () => {
    expect([0, 45, 60, 63, 3600, 3723, 7260].map(durationText)).to.deep.equal([
      '0s',
      '45s',
      '1m',
      '1m 3s',
      '1h',
      '1h 2m 3s',
      '2h 1m',
    ]);
  });

  it('are coarse for guesses', () => {
    expect([0, 20, 80, 125, 3600, 8100].map(coarseDurationText)).to.deep.equal([
      '<1m',
      '<1m',
      '1m',
      '2m',
      '1h',
      '2h 15m',
    ]);
  });
});
