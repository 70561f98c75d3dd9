import { expect } from 'chai';
import { request } from 'node:http';
import { statSync } from 'node:fs';
import { ensureLocalWorkspace } from '../../src/lib/local/client/index.js';
import { systemClock, systemIO } from '../../src/lib/io.js';
import { startLocalWorkspace, type ScratchWorkspace } from '../support/local-workspace.js';

const me = '/api/2.0/preview/scim/v2/Me';

describe('who gets into the local workspace', () => {
  let lw: ScratchWorkspace;
  before(async () => {
    lw = await startLocalWorkspace();
  });
  after(() => lw.close());

  it('nobody without its token', async () => {
    for (const authorization of ['', 'Bearer ', 'Bearer wrong', `Basic ${lw.token}`]) {
      const { status, body } = await lw.request('GET', me, undefined, { authorization });
      expect(status, authorization).to.equal(401);
      expect(body).to.include({ error_code: 'UNAUTHENTICATED' });
    }
  });

  it('no other host name, as after DNS rebinding, and no other site', async () => {
    expect(await statusWith({ host: 'evil.example' })).to.equal(403);
    expect(await statusWith({ origin: 'https://evil.example' })).to.equal(403);
    expect(await statusWith({ origin: lw.host })).to.equal(200);
  });

  it('a page opens by a link for one use, whose cookie opens nothing else', async () => {
    const { nonce } = (await lw.request<{ nonce: string }>('POST', '/local/nonce')).body;
    const open = () => fetch(`${lw.host}/local/open?nonce=${nonce}&to=/`, { redirect: 'manual' });
    const first = await open();
    expect(first.status).to.equal(303);
    const cookie = first.headers.get('set-cookie') ?? '';
    expect(cookie).to.match(/^air_\d+=.*HttpOnly.*SameSite=Strict/);
    expect((await open()).status).to.equal(403);
    const withCookie = (path: string) =>
      fetch(lw.host + path, { headers: { cookie: cookie.split(';')[0] ?? '' } });
    expect((await withCookie('/')).status).to.equal(200);
    expect((await withCookie(me)).status).to.equal(401);
    expect((await fetch(`${lw.host}/jobs/runs/1`)).status).to.equal(403);
  });

  it('no other user of the machine: its folder is closed, so are its files', () => {
    const { root, serverState, database } = lw.layout;
    expect(statSync(root).mode & 0o777).to.equal(0o700);
    for (const file of [serverState, database]) expect(statSync(file).mode & 0o777, file).to.equal(0o600);
  });

  it('no path leads out of the workspace', async () => {
    for (const path of ['/Workspace/../../x', '/Workspace/a/../../../x', 'relative', '/Workspace/a\0b']) {
      const { status } = await lw.request('POST', '/api/2.0/workspace/mkdirs', { path });
      expect(status, path).to.equal(400);
    }
    const escaped = encodeURIComponent('Workspace/../../../x');
    expect(
      (await lw.request('POST', `/api/2.0/workspace-files/import-file/${escaped}`, 'x')).status,
    ).to.equal(400);
    expect(
      (await lw.request('PUT', '/api/2.0/fs/files/Volumes/a/b/c%2F..%2F..%2F..%2F..%2Fx', 'x')).status,
    ).to.equal(400);
  });

  it('two clients that start it at once end with one server', async () => {
    const other = await startLocalWorkspace();
    try {
      await other.killServer();
      const options = {
        dataDirectory: other.dataDirectory,
        version: '0.1.0',
        env: other.env,
        context: { io: systemIO, clock: systemClock, signal: new AbortController().signal },
      };
      const found = await Promise.all(Array.from({ length: 4 }, () => ensureLocalWorkspace(options)));
      expect(new Set(found.map(({ pid }) => pid)).size).to.equal(1);
    } finally {
      await other.close();
    }
  });

  function statusWith(headers: Record<string, string>): Promise<number | undefined> {
    return new Promise((resolve, reject) => {
      const asked = request(lw.host + me, { headers: { authorization: `Bearer ${lw.token}`, ...headers } });
      asked.once('response', (answer) => resolve(answer.resume().statusCode));
      asked.once('error', reject);
      asked.end();
    });
  }
});
