import { expect } from 'chai';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseFilters, RunList, type ListRequest } from '../../../src/lib/runs/list/index.js';
import type { RunSummary } from '../../../src/lib/runs/summary.js';
import type { Run } from '../../../src/lib/workspace/contract/index.js';
import { standingClock } from '../../support/context.js';
import { countRounds } from '../../support/rounds.js';
import {
  apiError,
  startScriptedWorkspace,
  type Answer,
  type RecordedRequest,
  type ScriptedWorkspace,
  type Scripts,
} from '../../support/scripted-workspace.js';
import {
  runningRun,
  submittedAt,
  sweepRun,
  trainingRun,
  trainingTask,
  withLongIds,
  workspaceOf,
} from '../../support/training-runs.js';
import { clientOf } from '../../support/workspace.js';

const clock = standingClock(submittedAt + 3_600_000);
const listPath = 'GET /api/2.2/jobs/runs/list';
const indexPath = 'GET /api/2.0/ai-training/workflows';
const me = 'alice@example.com';

/** `count` runs, newest first, a minute between each: every task and MLflow run its own. */
function runsOf(count: number, make = trainingRun): Run[] {
  return Array.from({ length: count }, (_, index) => {
    const start = submittedAt - index * 60_000;
    const task = make().tasks?.[0];
    return make({
      run_id: 100_000 - index,
      start_time: start,
      end_time: start + 30_000,
      tasks: [
        {
          ...task,
          run_id: 900_000 - index,
          start_time: start,
          ...(task?.end_time ? { end_time: start + 30_000 } : {}),
        },
      ],
    });
  });
}

/** Pages of `runs/list` by token and time range, as the Jobs API gives them. */
const pagesOf =
  (runs: readonly Run[]) =>
  ({ query }: RecordedRequest): Answer => {
    const from = Number(query.get('start_time_from') ?? 0);
    const to = Number(query.get('start_time_to') ?? Number.MAX_SAFE_INTEGER);
    const within = runs.filter(({ start_time = 0 }) => start_time >= from && start_time <= to);
    const at = Number(query.get('page_token') ?? 0);
    const limit = Number(query.get('limit'));
    const next = at + limit < within.length ? { next_page_token: String(at + limit), has_more: true } : {};
    return { json: withLongIds({ runs: within.slice(at, at + limit), ...next }) };
  };

const indexOf =
  (runs: readonly Run[], size = 100) =>
  ({ query }: RecordedRequest): Answer => {
    const at = Number(query.get('page_token') ?? 0);
    const entries = runs.slice(at, at + size).map((run) => ({
      job_run_id: run.run_id,
      submit_time: new Date(run.start_time ?? 0).toISOString(),
    }));
    const next = at + size < runs.length ? { next_page_token: String(at + size) } : {};
    return { json: withLongIds({ training_workflows: entries, ...next }) };
  };

describe('listing runs', () => {
  let server: ScriptedWorkspace;
  let cacheFolder: string;

  beforeEach(async () => {
    cacheFolder = await mkdtemp(join(tmpdir(), 'air-list-'));
  });
  afterEach(async () => {
    await server.close();
    await rm(cacheFolder, { recursive: true, force: true });
  });

  async function serve(scripts: Scripts): Promise<void> {
    server = await startScriptedWorkspace(scripts);
  }

  function listOf(request: Partial<ListRequest> = {}): RunList {
    return new RunList(
      clientOf(server.target()),
      {
        allStatus: false,
        allUsers: false,
        filter: parseFilters([]),
        limit: 20,
        cacheFolder: null,
        ...request,
      },
      clock,
    );
  }

  async function rowsOf(list: RunList): Promise<RunSummary[]> {
    const rows: RunSummary[] = [];
    for await (const group of list.trackedGroups()) rows.push(...group.map(({ row }) => row));
    await list.save();
    return rows;
  }

  const ids = (rows: readonly RunSummary[]) => rows.map((row) => row.run_id);

  it('is three round trips deep for 20 active runs with links', async () => {
    const runs = runsOf(20, runningRun);
    const rounds = countRounds({ ...workspaceOf(runs), [listPath]: pagesOf(runs) });
    await serve(rounds.scripts);
    const rows = await rowsOf(listOf());
    expect(rounds.depth).to.equal(3);
    expect(rows).to.have.length(20);
    expect(rows.every((row) => row.mlflow_url !== null && row.mlflow_run_name !== null)).to.equal(true);
    const [request] = server.sent(listPath);
    expect(Object.fromEntries(request?.query ?? [])).to.deep.equal({
      active_only: 'true',
      expand_tasks: 'true',
      limit: '25',
      run_type: 'SUBMIT_RUN',
    });
    expect(server.sent(indexPath)).to.have.length(0);
  });

  it('is four deep for 20 runs from the index', async () => {
    const runs = runsOf(30);
    const rounds = countRounds({ ...workspaceOf(runs), [indexPath]: indexOf(runs) });
    await serve(rounds.scripts);
    const rows = await rowsOf(listOf({ allStatus: true }));
    expect(rounds.depth).to.equal(4);
    expect(ids(rows)).to.deep.equal(runs.slice(0, 20).map((run) => String(run.run_id)));
    expect(server.requests).to.have.length(1 + 1 + 20 + 20 + 20);
    expect(server.sent(listPath)).to.have.length(0);
  });

  it('lists the caller only, training runs only, and none twice', async () => {
    const mine = runsOf(3);
    const others = [
      trainingRun({ run_id: 1, creator_user_name: 'bob@example.com' }),
      { run_id: 2, creator_user_name: me, tasks: [{ task_key: 'notebook' }] },
      { run_id: 3 },
      { creator_user_name: me },
    ];
    await serve({ ...workspaceOf(mine), [listPath]: { json: { runs: [...others, ...mine, mine[0]] } } });
    expect(ids(await rowsOf(listOf()))).to.deep.equal(mine.map((run) => String(run.run_id)));
    expect(ids(await rowsOf(listOf({ allUsers: true })))).to.have.length(4);
    const bobs = await rowsOf(listOf({ filter: parseFilters(['user=bob@example.com']) }));
    expect(ids(bobs)).to.deep.equal(['1']);
  });

  it('asks for the next page only when it is needed, and says that there is more', async () => {
    const runs = runsOf(60);
    await serve({ ...workspaceOf(runs), [listPath]: pagesOf(runs) });
    const short = listOf({ allUsers: true, limit: 20 });
    await rowsOf(short);
    expect(server.sent(listPath)).to.have.length(1);
    expect(short.tally).to.deep.include({ more: true, truncated: false });
    const exact = listOf({ allUsers: true, limit: 60 });
    expect(await rowsOf(exact)).to.have.length(60);
    expect(exact.tally.more).to.equal(false);
  });

  it('asks for the next page while the last one is used', async () => {
    const runs = runsOf(60);
    await serve({ ...workspaceOf(runs), [listPath]: pagesOf(runs) });
    const groups = listOf({ allUsers: true, limit: 60 }).groups();
    await groups.next();
    const deadline = Date.now() + 10_000;
    while (server.sent(listPath).length < 2 && Date.now() < deadline) await new Promise(setImmediate);
    expect(server.sent(listPath)).to.have.length(2);
    await groups.return();
  });

  it('reads a long past in slices, each run once, newest first', async () => {
    const runs = runsOf(600);
    await serve({ ...workspaceOf(runs), [listPath]: pagesOf(runs) });
    const list = listOf({ allStatus: true, allUsers: true, limit: 1000 });
    const found: string[] = [];
    for await (const group of list.groups()) found.push(...group.map(({ row }) => row.run_id));
    expect(found).to.deep.equal(runs.map((run) => String(run.run_id)));
    const slices = server
      .sent(listPath)
      .filter(({ query }) => query.has('start_time_to') && !query.has('page_token'));
    expect(slices).to.have.length(4);
  });

  it('ends after ten thousand runs, and says so', async () => {
    const page = Array.from({ length: 25 }, () => ({ run_id: 1, tasks: [] }));
    await serve({
      ...workspaceOf([]),
      [listPath]: (_, call) => ({ json: { runs: page, next_page_token: `t${call}` } }),
    });
    const list = listOf({ allUsers: true });
    expect(await rowsOf(list)).to.deep.equal([]);
    expect(list.tally).to.deep.include({ inspected: 10_000, truncated: true, more: false });
  }).timeout(60_000);

  it('drops unknown, purged and forbidden runs of the index, with a count', async () => {
    const runs = runsOf(3);
    const [first, second, third] = runs as [Run, Run, Run];
    const scripts = workspaceOf([third]);
    const get = scripts['GET /api/2.2/jobs/runs/get'] as (request: RecordedRequest, call: number) => Answer;
    await serve({
      ...scripts,
      [indexPath]: indexOf(runs),
      'GET /api/2.2/jobs/runs/get': (request, call) =>
        request.query.get('run_id') === String(second.run_id)
          ? apiError(403, 'PERMISSION_DENIED', 'no')
          : get(request, call),
    });
    const list = listOf({ allStatus: true });
    expect(ids(await rowsOf(list))).to.deep.equal([String(third.run_id)]);
    expect(list.tally.dropped).to.equal(2);
    expect(first.run_id).to.be.a('number');
  });

  it('finds runs in the jobs when the index fails, and in the index when the jobs do', async () => {
    const runs = runsOf(2);
    const broken = apiError(500, 'INTERNAL_ERROR', 'broken');
    await serve({ ...workspaceOf(runs), [indexPath]: broken, [listPath]: pagesOf(runs) });
    expect(await rowsOf(listOf({ allStatus: true }))).to.have.length(2);
    server.script({ [indexPath]: indexOf(runs), [listPath]: broken });
    expect(await rowsOf(listOf())).to.have.length(2);
    expect(server.sent(indexPath).at(-1)?.query.get('active_only')).to.equal('true');
  });

  it('fails when both do', async () => {
    await serve({
      ...workspaceOf([]),
      [indexPath]: apiError(404, 'X', 'no index'),
      [listPath]: apiError(403, 'PERMISSION_DENIED', 'no'),
    });
    const error = await rowsOf(listOf({ allStatus: true })).then(
      () => expect.fail('It was listed.'),
      (thrown: unknown) => thrown,
    );
    expect(error).to.include({ code: 'PERMISSION_DENIED' });
  });

  it('sorts an index that comes in no order', async () => {
    const runs = runsOf(6);
    const mixed = [4, 1, 5, 0, 3, 2].map((at) => runs[at] as Run);
    await serve({ ...workspaceOf(runs), [indexPath]: indexOf(mixed, 6) });
    expect(ids(await rowsOf(listOf({ allStatus: true, limit: 4 })))).to.deep.equal(
      runs.slice(0, 4).map((run) => String(run.run_id)),
    );
  });

  it('reads times, ids and entries of the index in every form', async () => {
    const id = '9007199254740993';
    const big = trainingRun({ run_id: id });
    await serve({
      ...workspaceOf([big, trainingRun({ run_id: 7 })]),
      [indexPath]: {
        json: withLongIds({
          training_workflows: [
            { job_run_id: id, submit_time: { seconds: '1790000000', nanos: 5 } },
            { job_run_id: 0 },
            { job_run_id: 'x' },
            {},
            { job_run_id: '7', submit_time: 'yesterday' },
            { job_run_id: id },
          ],
        }),
      },
    });
    expect(ids(await rowsOf(listOf({ allStatus: true })))).to.deep.equal([id, '7']);
  });

  it('ends when a server repeats a page token', async () => {
    const runs = runsOf(2);
    await serve({ ...workspaceOf(runs), [listPath]: { json: { runs, next_page_token: 'again' } } });
    expect(await rowsOf(listOf())).to.have.length(2);
    expect(server.sent(listPath)).to.have.length(2);
  });

  it('reads the latest attempt of a run with more tasks than a list carries', async () => {
    const tasks = Array.from({ length: 150 }, (_, index) =>
      trainingTask({ run_id: 7000 + index, attempt_number: index }),
    );
    const whole = trainingRun({ tasks });
    const scripts = workspaceOf([whole]);
    await serve({
      ...scripts,
      [listPath]: { json: { runs: [{ ...whole, tasks: tasks.slice(0, 100), has_more: true }] } },
    });
    const [row] = await rowsOf(listOf());
    expect(row).to.deep.include({ attempt_number: 149, mlflow_run_id: 'mlflow7149' });
  });

  it('agrees with the view of one run, for retried runs and sweeps too', async () => {
    const retried = trainingRun({
      tasks: [
        trainingTask(),
        trainingTask({
          run_id: 2,
          attempt_number: 1,
          start_time: submittedAt + 90_000,
          end_time: submittedAt + 95_000,
        }),
      ],
    });
    await serve({
      ...workspaceOf([retried]),
      [listPath]: { json: { runs: [retried, sweepRun({ run_id: 43 })] } },
    });
    const [row, sweep] = await rowsOf(listOf());
    const { RunReader } = await import('../../../src/lib/runs/details.js');
    const { details } = await new RunReader(clientOf(server.target()), '42', clock).read();
    expect(details).to.deep.include(row);
    expect(row?.duration_seconds).to.equal(5);
    expect(sweep).to.deep.include({ is_sweep: true, experiment_name: 'resnet', num_accelerators: 16 });
  });

  it('looks at finished runs when a finished status is asked for', async () => {
    const runs = runsOf(2);
    await serve({ ...workspaceOf(runs), [indexPath]: indexOf(runs), [listPath]: { json: { runs: [] } } });
    expect(await rowsOf(listOf({ filter: parseFilters(['status=SUCCESS']) }))).to.have.length(2);
    expect(
      await rowsOf(listOf({ filter: parseFilters(['status=RUNNING']), allStatus: true })),
    ).to.have.length(0);
    expect(server.sent(listPath).at(-1)?.query.get('active_only')).to.equal('true');
  });

  it('waits where the server asks it to, and still has every row with its links', async () => {
    const runs = runsOf(20);
    let busy = 0;
    const scripts = workspaceOf(runs);
    const limited = (route: string): Scripts => {
      const script = scripts[route] as (request: RecordedRequest, call: number) => Answer;
      return {
        [route]: (request, call) =>
          call % 3 === 0 && ++busy > 0
            ? apiError(429, 'REQUEST_LIMIT_EXCEEDED', 'slower', { 'retry-after': '0' })
            : script(request, call),
      };
    };
    await serve({
      ...scripts,
      [indexPath]: indexOf(runs),
      ...limited('GET /api/2.2/jobs/runs/get'),
      ...limited('GET /api/2.2/jobs/runs/get-output'),
      ...limited('GET /api/2.0/mlflow/runs/get'),
    });
    const rows = await rowsOf(listOf({ allStatus: true }));
    expect(rows.filter((row) => row.mlflow_run_name !== null)).to.have.length(20);
    expect(busy).to.be.greaterThan(20);
    expect(server.requests).to.have.length(2 + 60 + busy);
  });

  it('fails when it cannot know whose runs are the caller’s', async () => {
    const denied = apiError(403, 'PERMISSION_DENIED', 'no');
    await serve({
      ...workspaceOf([]),
      'GET /api/2.0/preview/scim/v2/Me': denied,
      [listPath]: { json: { runs: runsOf(1) } },
    });
    const error = await rowsOf(listOf()).then(
      () => expect.fail('It was listed.'),
      (thrown: unknown) => thrown,
    );
    expect(error).to.include({ code: 'PERMISSION_DENIED' });
    const [row] = await rowsOf(listOf({ allUsers: true }));
    expect(row?.dashboard_url).to.equal(`${server.url}/jobs/runs/100000`);
  });

  describe('with a cache', () => {
    const cached = (more: Partial<ListRequest> = {}) => listOf({ allStatus: true, cacheFolder, ...more });

    it('asks for finished runs once', async () => {
      const runs = [...runsOf(5), runningRun({ run_id: 9 })];
      await serve({ ...workspaceOf(runs), [indexPath]: indexOf(runs) });
      const cold = await rowsOf(cached());
      const asked = server.requests.length;
      const warm = await rowsOf(cached());
      expect(warm).to.deep.equal(cold);
      const again = server.requests
        .slice(asked)
        .map(({ path, query }) => `${path} ${query.get('run_id') ?? ''}`);
      expect(again.sort()).to.deep.equal([
        '/api/2.0/ai-training/workflows ',
        '/api/2.0/mlflow/metrics/get-history mlflow1001',
        '/api/2.0/mlflow/runs/get mlflow1001',
        '/api/2.0/preview/scim/v2/Me ',
        '/api/2.2/jobs/runs/get 9',
        '/api/2.2/jobs/runs/get-output 1001',
      ]);
    });

    it('serves the scan too, filters included', async () => {
      const runs = runsOf(4);
      await serve({ ...workspaceOf(runs), [listPath]: pagesOf(runs) });
      const cold = await rowsOf(cached({ allUsers: true }));
      const asked = server.requests.length;
      const filter = parseFilters(['experiment=res*']);
      expect(await rowsOf(cached({ allUsers: true, filter }))).to.deep.equal(cold);
      expect(server.requests.slice(asked)).to.have.length(2);
    });

    it('keeps nothing that may still change or was not answered', async () => {
      const runs = runsOf(2);
      await serve({
        ...workspaceOf(runs),
        [indexPath]: indexOf(runs),
        'GET /api/2.2/jobs/runs/get-output': apiError(403, 'PERMISSION_DENIED', 'not now'),
      });
      await rowsOf(cached());
      expect(await readdir(cacheFolder)).to.deep.equal([]);
    });

    it('is apart for each user and host, and closed to others', async () => {
      const runs = runsOf(1);
      await serve({ ...workspaceOf(runs), [indexPath]: indexOf(runs) });
      await rowsOf(cached());
      server.script({ 'GET /api/2.0/preview/scim/v2/Me': { json: { userName: 'bob@example.com' } } });
      await rowsOf(cached());
      const files = await readdir(cacheFolder);
      expect(files).to.have.length(2);
      for (const file of files) expect((await stat(join(cacheFolder, file))).mode & 0o777).to.equal(0o600);
    });

    /** The one file of the cache. */
    const cacheFile = async () => join(cacheFolder, (await readdir(cacheFolder))[0] ?? '');

    it('survives torn and damaged lines, other content and several writers', async () => {
      const runs = runsOf(12);
      await serve({ ...workspaceOf(runs), [indexPath]: indexOf(runs) });
      const cold = await rowsOf(cached({ limit: 4 }));
      const file = await cacheFile();
      const [first = '', second = '', third = ''] = (await readFile(file, 'utf8'))
        .split('\n')
        .filter(Boolean);
      const damaged = second.replace('"tasks":[', '"tasks":7,"more":[');
      expect(damaged).not.to.equal(second);
      await writeFile(
        file,
        `${first}\n${damaged}\nnot a line\n5 0123456789abcdef {}\n\0\0\n${third.slice(0, -40)}`,
      );
      const all = await Promise.all([rowsOf(cached()), rowsOf(cached()), rowsOf(cached())]);
      for (const rows of all) expect(rows.slice(0, 4)).to.deep.equal(cold);
      const asked = server.requests.length;
      expect(await rowsOf(cached())).to.have.length(12);
      expect(server.requests.slice(asked)).to.have.length(2);
    });

    it('takes a file that is no cache at all, or a folder in its place, for none', async () => {
      const runs = runsOf(2);
      await serve({ ...workspaceOf(runs), [indexPath]: indexOf(runs) });
      const cold = await rowsOf(cached());
      const file = await cacheFile();
      await writeFile(file, Buffer.from(Array.from({ length: 5000 }, (_, index) => (index * 89) % 256)));
      expect(await rowsOf(cached())).to.deep.equal(cold);
      await rm(file);
      await mkdir(file);
      expect(await rowsOf(cached())).to.deep.equal(cold);
    });

    it('stays within its size, whoever writes, and keeps the newest', async () => {
      const runs = runsOf(3);
      await serve({ ...workspaceOf(runs), [indexPath]: indexOf(runs) });
      await rowsOf(cached({ limit: 1 }));
      const file = await cacheFile();
      const own = await readFile(file, 'utf8');
      const filler = Array.from(
        { length: 17_000 },
        (_, index) => `${index + 1} 0123456789abcdef {"run":{"run_name":"${'x'.repeat(1000)}"}}\n`,
      );
      await writeFile(file, filler.join('') + own);
      await Promise.all([rowsOf(cached()), rowsOf(cached())]);
      expect((await stat(file)).size).to.be.lessThan(13 * 1024 * 1024);
      expect(await readdir(cacheFolder)).to.have.length(1);
      const asked = server.requests.length;
      await rowsOf(cached());
      expect(server.requests.slice(asked)).to.have.length(2);
    });

    it('stays within its size in one long session too', async () => {
      const name = 'n'.repeat(70_000);
      const runs = runsOf(300).map((run) => ({ ...run, run_name: name }));
      await serve({ ...workspaceOf(runs), [indexPath]: indexOf(runs) });
      const list = cached({ limit: 300 });
      for await (const group of list.groups()) {
        for await (const _ of list.tracked(group)) continue;
        await list.save();
        expect((await stat(await cacheFile())).size).to.be.lessThan(16 * 1024 * 1024);
      }
    });

    it('takes files away that nothing has touched for two months, or that have another form', async () => {
      const runs = runsOf(1);
      await serve({ ...workspaceOf(runs), [indexPath]: indexOf(runs) });
      const name = (suffix: string) => join(cacheFolder, `finished-runs-0123${suffix}`);
      for (const suffix of ['.v1.jsonl', '.v2', '4.v2']) await writeFile(name(suffix), 'x');
      await writeFile(join(cacheFolder, 'else'), 'x');
      const past = Date.now() / 1000 - 61 * 24 * 3600;
      await utimes(name('.v2'), past, past);
      await rowsOf(cached());
      const left = await readdir(cacheFolder);
      expect(left).to.include.members(['else', 'finished-runs-01234.v2']).and.to.have.length(3);
    });

    it('writes and reads nothing where it is not wanted', async () => {
      const runs = runsOf(1);
      await serve({ ...workspaceOf(runs), [indexPath]: indexOf(runs) });
      await rowsOf(cached({ cacheFolder: null }));
      expect(await readdir(cacheFolder)).to.deep.equal([]);
    });

    it('breaks nothing where it cannot be written', async () => {
      const runs = runsOf(1);
      await serve({ ...workspaceOf(runs), [indexPath]: indexOf(runs) });
      const file = join(cacheFolder, 'file');
      await writeFile(file, '');
      expect(await rowsOf(cached({ cacheFolder: join(file, 'below') }))).to.have.length(1);
    });
  });
});
