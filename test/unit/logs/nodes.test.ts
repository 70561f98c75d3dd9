import { expect } from 'chai';
import { systemClock, systemIO } from '../../../src/lib/io.js';
import { followRun, type FollowEvent } from '../../../src/lib/logs/follow.js';
import { paths } from '../../../src/lib/workspace/contract/paths.js';
import type { Run } from '../../../src/lib/workspace/index.js';
import { openWorkspace } from '../../../src/lib/workspace/index.js';
import { startScriptedWorkspace, type ScriptedWorkspace } from '../../support/scripted-workspace.js';
import { trainingRun, trainingTask, workspaceOf } from '../../support/training-runs.js';

const runId = '42';
const logsRoute = `GET ${paths.workflowLogs(runId)}`;

/** Node and second of a record. */
type Written = readonly [node: number, second: number];

describe('the nodes of a run that is over', () => {
  let server: ScriptedWorkspace;

  beforeEach(async () => {
    server = await startScriptedWorkspace();
  });
  afterEach(() => server.close());

  /** A log service with pages of two records. `answersAll` is what a question about all nodes brings. */
  function serve(run: Run, written: readonly Written[], answersAll: (node: number) => boolean): void {
    server.script({
      ...workspaceOf([run]),
      [logsRoute]: ({ query }) => {
        const node = query.get('filter.node_index');
        const own = written.filter(([each]) => (node === null ? answersAll(each) : each === Number(node)));
        const start = Number(query.get('page_token') ?? 0);
        const end = start + Math.min(2, Number(query.get('page_size')));
        const page = own.slice(start, end).map(([index, second]) => ({
          time_unix_nano: `${1_700_000_000 + second}000000000`,
          body: `n${index} s${second}`,
          node_index: index,
          record_id: `${index}.${second}`,
        }));
        return {
          json: { log_records: page, ...(end < own.length ? { next_page_token: String(end) } : {}) },
        };
      },
    });
  }

  async function follow(): Promise<FollowEvent[]> {
    const context = { io: systemIO, clock: systemClock, signal: new AbortController().signal };
    const workspace = openWorkspace(server.target(), context, { userAgent: 'test' });
    const options = {
      attempt: 'latest',
      nodes: null,
      tail: null,
      since: null,
      until: null,
      follow: true,
    } as const;
    const seen: FollowEvent[] = [];
    const events = followRun(workspace, runId, options, context);
    for (;;) {
      const next = await events.next();
      if (next.done) return seen;
      seen.push(next.value);
    }
  }

  const bodies = (events: readonly FollowEvent[]) =>
    events.flatMap((event) => (event.type === 'lines' ? event.lines.map(({ body }) => body) : []));
  /** The nodes that were asked about one by one, for more than a look at their first line. */
  const askedApart = () =>
    server
      .sent(logsRoute)
      .filter(({ query }) => query.get('page_size') !== '1')
      .map(({ query }) => query.get('filter.node_index'))
      .filter((node) => node !== null);

  it('are asked about together, though the first page is all of one node', async () => {
    serve(
      trainingRun(),
      [
        [0, 1],
        [0, 2],
        [0, 3],
        [1, 4],
        [0, 5],
        [1, 6],
      ],
      () => true,
    );
    expect(bodies(await follow())).to.deep.equal(['n0 s1', 'n0 s2', 'n0 s3', 'n1 s4', 'n0 s5', 'n1 s6']);
    expect(askedApart()).to.deep.equal([]);
  });

  it('are asked one by one where the answer about all leaves one out, and come in order of time', async () => {
    serve(
      trainingRun(),
      [
        [0, 1],
        [1, 2],
        [0, 3],
        [1, 4],
        [0, 5],
      ],
      (node) => node === 0,
    );
    expect(bodies(await follow())).to.deep.equal(['n0 s1', 'n1 s2', 'n0 s3', 'n1 s4', 'n0 s5']);
    expect(new Set(askedApart())).to.deep.equal(new Set(['0', '1']));
  });

  it('are asked one by one where none of them wrote for long but the one that was left out', async () => {
    serve(
      trainingRun(),
      [
        [0, 1],
        [0, 2],
        [0, 3],
        [1, 4],
      ],
      (node) => node === 0,
    );
    expect(bodies(await follow()).sort()).to.deep.equal(['n0 s1', 'n0 s2', 'n0 s3', 'n1 s4']);
  });

  it('are counted by their lines where the run does not tell how many it has', async () => {
    const task = trainingTask();
    delete task.ai_runtime_task;
    serve(
      trainingRun({ tasks: [task] }),
      [
        [0, 1],
        [0, 2],
        [2, 3],
        [0, 4],
      ],
      () => true,
    );
    const counts = (await follow()).flatMap((event) => (event.type === 'nodes' ? [event.count] : []));
    expect(counts).to.deep.equal([1, 3]);
  });
});
