import { expect } from 'chai';
import { existsSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { SignedAddresses } from '../../src/lib/local/server/mlflow/signed-addresses.js';
import type { RunOutput } from '../../src/lib/workspace/contract/index.js';
import { startLocalWorkspace, type ScratchWorkspace } from '../support/local-workspace.js';
import { MlflowApi } from '../support/mlflow.js';

const proxy = '/api/2.0/mlflow-artifacts/artifacts';

describe('MLflow artifacts of the local workspace', () => {
  let lw: ScratchWorkspace;
  let mlflow: MlflowApi;
  before(async () => {
    lw = await startLocalWorkspace();
    mlflow = new MlflowApi(lw);
  });
  after(() => lw.close());

  it('keeps bytes under any name, lists a level at a time, and forgets what is deleted', async () => {
    const { run_id, root } = await newRun();
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 256));
    const put = (path: string, content: Buffer | string) =>
      lw.request('PUT', `${proxy}/${root}/${path.split('/').map(encodeURIComponent).join('/')}`, content);
    for (const [path, content] of [
      ['deep/er/größe & 100% #1?.bin', bytes],
      ['deep/empty', ''],
      ['top.txt', 'first'],
      ['top.txt', 'second'],
    ] as const) {
      expect((await put(path, content)).status, path).to.equal(200);
    }
    const list = async (path: string) =>
      (await mlflow.get('artifacts/list', { run_id, path })).body.files.map(({ path, is_dir, file_size }) => [
        path,
        is_dir ? 'folder' : file_size,
      ]);
    expect(await list('')).to.deep.equal([
      ['deep', 'folder'],
      ['top.txt', 6],
    ]);
    expect(await list('deep')).to.deep.equal([
      ['deep/empty', 0],
      ['deep/er', 'folder'],
    ]);
    expect(await list('top.txt')).to.deep.equal([]);
    expect(await list('no/such/place')).to.deep.equal([]);
    const response = await download(`${proxy}/${root}/deep/er/${encodeURIComponent('größe & 100% #1?.bin')}`);
    expect(response.headers.get('content-length')).to.equal('100000');
    expect(response.headers.get('content-security-policy')).to.include('sandbox');
    expect(Buffer.from(await response.arrayBuffer()).equals(bytes)).to.equal(true);
    expect(await (await download(`${proxy}/${root}/top.txt`)).text()).to.equal('second');
    expect((await lw.request('DELETE', `${proxy}/${root}/deep`)).status).to.equal(200);
    expect(await list('')).to.deep.equal([['top.txt', 6]]);
    const gone = await lw.request('GET', `${proxy}/${root}/deep/empty`);
    expect([gone.status, gone.body]).to.deep.equal([
      404,
      { error_code: 'RESOURCE_DOES_NOT_EXIST', message: `No artifact '${root}/deep/empty'.` },
    ]);
  });

  it('lets no path leave its folder, neither by dots nor by a link', async () => {
    const { run_id, root } = await newRun();
    await lw.request('PUT', `${proxy}/${root}/inside/file`, 'x');
    const inside = join(lw.layout.artifacts, root, 'inside');
    const secret = join(lw.folder, 'secret');
    mkdirSync(secret);
    writeFileSync(join(secret, 'file'), 'secret');
    symlinkSync(secret, join(inside, 'link'));
    const paths = [
      '..%2f..%2f..%2f..%2fx',
      `${'%2e%2e/'.repeat(9)}x`,
      '..%5c..%5cx',
      'a%00b',
      '.%2fx',
      'inside/link/file',
    ];
    for (const path of paths) {
      for (const [method, body] of [
        ['GET', undefined],
        ['PUT', 'evil'],
        ['DELETE', undefined],
      ] as const) {
        const status = await rawStatus(method, `${proxy}/${root}/${path}`, body);
        expect(status, `${method} ${path}`).to.be.within(400, 404);
      }
    }
    for (const path of ['../..', 'inside/../..', 'inside/link']) {
      const { status, body } = await mlflow.get('artifacts/list', { run_id, path });
      expect([status, body.error_code], path).to.deep.equal([400, 'INVALID_PARAMETER_VALUE']);
    }
    expect(readdirSync(secret)).to.deep.equal(['file']);
    expect(existsSync(join(lw.folder, 'x'))).to.equal(false);
  });

  it('leaves what was there when an upload breaks off', async () => {
    const { root } = await newRun();
    const path = `${proxy}/${root}/model.bin`;
    await lw.request('PUT', path, 'whole');
    await new Promise<void>((resolve) => {
      const upload = request(lw.host + path, {
        method: 'PUT',
        headers: { authorization: `Bearer ${lw.token}`, 'content-length': 1_000_000 },
      });
      upload.on('error', () => undefined);
      upload.on('close', resolve);
      upload.write(Buffer.alloc(500_000), () => upload.destroy());
    });
    expect(await (await download(path)).text()).to.equal('whole');
  });

  it('gives addresses that open one artifact without a token', async () => {
    const { run_id, root } = await newRun();
    await lw.request('PUT', `${proxy}/${root}/a%20b/one`, 'one');
    await lw.request('PUT', `${proxy}/${root}/two`, 'two');
    const { body } = await mlflow.get('artifacts/credentials-for-read', [
      ['run_id', run_id],
      ['path', 'a b/one'],
      ['path', 'two'],
    ]);
    expect(body.credential_infos.map(({ path, run_id }) => [path, run_id])).to.deep.equal([
      ['a b/one', run_id],
      ['two', run_id],
    ]);
    const [one = '', two = ''] = body.credential_infos.map(({ signed_uri }) => signed_uri);
    expect(await (await fetch(one)).text()).to.equal('one');
    expect(await (await fetch(two)).text()).to.equal('two');
    const changed = [
      one.replace('/one?', '/other?'),
      one.replace(/signature=./, (start) => `signature=${start.endsWith('0') ? '1' : '0'}`),
      one.replace(/signature=.*/, ''),
      one.replace(/expires=\d/, 'expires=9'),
      two.replace(/\?.*/, one.slice(one.indexOf('?'))),
    ];
    for (const address of changed) {
      const response = await fetch(address);
      expect(response.status, address).to.equal(403);
      expect(await response.json()).to.include({ error_code: 'PERMISSION_DENIED' });
    }
    const put = await fetch(one, { method: 'PUT', body: 'evil' });
    expect(put.status).to.be.within(400, 404);
  });

  it('takes those addresses for a quarter of an hour', () => {
    let now = 1_700_000_000_000;
    const addresses = new SignedAddresses(() => now);
    const path = 'experiment/run/artifacts/a b?.txt';
    const address = new URL(addresses.sign(path), 'http://127.0.0.1');
    const valid = () =>
      addresses.isValid(
        decodeURIComponent(address.pathname.split('/').slice(2).join('/')),
        address.searchParams.get('expires') ?? '',
        address.searchParams.get('signature') ?? '',
      );
    expect(valid()).to.equal(true);
    now += 15 * 60_000 - 1;
    expect(valid()).to.equal(true);
    now += 1;
    expect(valid()).to.equal(false);
    expect(new SignedAddresses().isValid(path, '9'.repeat(15), '')).to.equal(false);
  });

  it("shows a run's log in pieces of four megabytes that cut no line", async () => {
    const count = 120_000;
    const line = (index: number) => `${String(index).padStart(9, '0')} ${'x'.repeat(80)}`;
    const runId = await lw.submit({
      nodes: 2,
      command: `[ "$NODE_RANK" = 0 ] && seq -f '%09.0f ${'x'.repeat(80)}' 0 ${count - 1}; echo end of $NODE_RANK`,
    });
    const run = await lw.untilOver(runId);
    const output = `/api/2.2/jobs/runs/get-output?run_id=${run.tasks?.[0]?.run_id}`;
    const { body } = await lw.request<RunOutput>('GET', output);
    const run_id = body.ai_runtime_task_output?.mlflow_run_id ?? '';
    const list = async (path: string) =>
      (await mlflow.get('artifacts/list', { run_id, path })).body.files.map(({ path }) => path);
    expect(await list('')).to.deep.equal(['logs']);
    expect(await list('logs')).to.deep.equal(['logs/attempt_0']);
    expect(await list('logs/attempt_0')).to.deep.equal(['logs/attempt_0/node_0', 'logs/attempt_0/node_1']);
    const chunks = await list('logs/attempt_0/node_0');
    expect(chunks.length).to.be.greaterThan(2);
    expect([...chunks].sort()).to.deep.equal(
      chunks.map((_, index) => `logs/attempt_0/node_0/logs-${index}.chunk.txt`),
    );
    const { credential_infos } = (
      await mlflow.get('artifacts/credentials-for-read', [
        ['run_id', run_id],
        ...chunks.map((path): [string, string] => ['path', path]),
      ])
    ).body;
    const texts = await Promise.all(
      credential_infos.map(async ({ signed_uri }) => (await fetch(signed_uri)).text()),
    );
    for (const text of texts) {
      expect(text.endsWith('\n')).to.equal(true);
      expect(text.length).to.be.lessThan(5 * 1024 * 1024);
    }
    const printed = texts.join('').split('\n');
    const from = printed.indexOf(line(0));
    expect(printed.slice(from, from + count)).to.deep.equal(Array.from({ length: count }, (_, i) => line(i)));
    expect(printed.slice(from + count)).to.include('end of 0');
    expect(await list('logs/attempt_0/node_1')).to.have.length(1);
    expect(await list('logs/attempt_1')).to.deep.equal([]);
    expect(await list('logs/attempt_0/node_2')).to.deep.equal([]);
  });

  async function newRun(): Promise<{ run_id: string; root: string }> {
    const run_id = await mlflow.newRun();
    const { info } = await mlflow.run(run_id);
    const root = `${info['experiment_id']}/${run_id}/artifacts`;
    expect(info['artifact_uri']).to.equal(`mlflow-artifacts:/${root}`);
    return { run_id, root };
  }

  function download(path: string): Promise<Response> {
    return fetch(lw.host + path, { headers: { authorization: `Bearer ${lw.token}` } });
  }

  /** The answer to a path that goes out exactly as it stands: fetch would tidy it. */
  function rawStatus(method: string, path: string, body?: string): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const { hostname, port } = new URL(lw.host);
      const headers = { authorization: `Bearer ${lw.token}` };
      const asked = request({ hostname, port, method, path, headers });
      asked.once('response', (answer) => resolve(answer.resume().statusCode));
      asked.once('error', reject);
      asked.end(body);
    });
  }
});
