import { expect } from 'chai';
import { systemClock, systemIO } from '../../../src/lib/io.js';
import { followRun } from '../../../src/lib/logs/follow.js';
import { paths } from '../../../src/lib/workspace/contract/paths.js';
import { openWorkspace } from '../../../src/lib/workspace/index.js';
import { startScriptedWorkspace, type ScriptedWorkspace } from '../../support/scripted-workspace.js';
import { trainingRun, workspaceOf } from '../../support/training-runs.js';

const runId = '42';
const logsRoute = `GET ${paths.workflowLogs(runId)}`;
const lineCount = 1000;

describe('the last lines of a run that is over', () => {
  let server: ScriptedWorkspace;

  /** A log whose lines all came within one second. */
  beforeEach(async () => {
    server = await startScriptedWorkspace({
      ...workspaceOf([trainingRun()]),
      [logsRoute]: ({ query }) => {
        const all = Array.from({ length: lineCount }, (_, number) => ({
          time_unix_nano: `1700000000${String(number).padStart(9, '0')}`,
          body: `line ${number}`,
          record_id: String(number),
        }));
        if (query.get('ascending') !== 'true') all.reverse();
        const start = Number(query.get('page_token') ?? 0);
        const end = start + Number(query.get('page_size'));
        const token = end < lineCount ? { next_page_token: String(end) } : {};
        return { json: { log_records: all.slice(start, end), ...token } };
      },
    });
  });
  afterEach(() => server.close());

  async function lastLines(tail: number): Promise<string[]> {
    const context = { io: systemIO, clock: systemClock, signal: new AbortController().signal };
    const workspace = openWorkspace(server.target(), context, { userAgent: 'test' });
    const options = { attempt: 'latest', nodes: [0], tail, since: null, until: null, follow: true } as const;
    const bodies: string[] = [];
    const events = followRun(workspace, runId, options, context);
    for (;;) {
      const next = await events.next();
      if (next.done) return bodies;
      if (next.value.type === 'lines') bodies.push(...next.value.lines.map(({ body }) => body));
    }
  }

  it('are asked for once, and nothing is read again for lines that can no longer come', async () => {
    expect(await lastLines(3)).to.deep.equal(['line 997', 'line 998', 'line 999']);
    expect(server.sent(logsRoute)).to.have.length(1);
  });

  it('are the whole log where more are wanted', async () => {
    expect(await lastLines(2000)).to.have.length(lineCount);
  });
});
