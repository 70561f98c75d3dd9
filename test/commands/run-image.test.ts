import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { envelopeOf, runCli, type CliResult } from '../support/cli.js';
import { startLaunchWorkspace, type LaunchWorkspace } from '../support/launch-workspace.js';
import { apiError, type Scripts } from '../support/scripted-workspace.js';

const images = '/api/2.0/ai-compute-manager/images';
const notRegistered = apiError(404, 'RESOURCE_DOES_NOT_EXIST', 'no such image');
const digest = `sha256:${'ab'.repeat(32)}`;
const available = { json: { state: 'AVAILABLE', manifest_sha256: digest } };

describe('the image of a run', () => {
  let folder: string;
  let workspace: LaunchWorkspace;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'air-run-image-'));
    workspace = await startLaunchWorkspace();
  });
  afterEach(async () => {
    await workspace.server.close();
    await rm(folder, { recursive: true, force: true });
  });

  async function submit(image: string, scripts: Scripts = {}, ...more: string[]): Promise<CliResult> {
    workspace.server.script(scripts);
    await writeFile(
      join(folder, 'train.yaml'),
      [
        'experiment_name: imaged',
        'compute: {accelerator_type: GPU_1xA10, num_accelerators: 1}',
        'environment:',
        `  docker_image: ${image}`,
        'command: echo hello',
      ].join('\n'),
    );
    return runCli(['run', '-f', join(folder, 'train.yaml'), ...more], {
      env: { ...workspace.env, HOME: folder },
    });
  }

  function expectNothingChanged(): void {
    expect([...workspace.files.keys(), ...workspace.folders, ...workspace.runs]).to.deep.equal([]);
    const writes = workspace.server.requests
      .filter(({ method }) => method !== 'GET')
      .map(({ path }) => path.split('/').at(-1));
    expect(writes).to.deep.equal(['config:validate']);
  }

  it('that nobody registered stops the launch before anything is uploaded', async () => {
    const result = await submit(
      '{url: team/train:7}',
      { [`GET ${images}:get`]: notRegistered },
      '-o',
      'json',
    );
    expect(result.code).to.equal(5);
    const { error } = envelopeOf(result);
    expect(error).to.include({ code: 'NOT_FOUND', kind: 'NOT_FOUND' });
    expect(error?.message).to.contain('team/train:7');
    expect(error?.hint).to.contain('air register-image team/train:7');
    expectNothingChanged();
    expect(workspace.server.sent(`GET ${images}:get`)[0]?.query.get('docker_image_url')).to.equal(
      'docker.io/team/train:7',
    );
  });

  it('that could not be imported stops it with the reason', async () => {
    const result = await submit(
      '{url: team/train:7}',
      { [`GET ${images}:get`]: { json: { state: 'FAILED', status_message: 'manifest unknown' } } },
      '-o',
      'json',
    );
    expect(result.code).to.equal(7);
    expect(envelopeOf(result).error).to.include({ code: 'REGISTRATION_FAILED', kind: 'PERMANENT' });
    expect(envelopeOf(result).error?.message).to.contain('manifest unknown');
    expectNothingChanged();
  });

  it('that is being imported is waited for, in words, before anything is uploaded', async () => {
    let uploadsBefore = -1;
    const result = await submit('{url: team/train:7}', {
      [`GET ${images}:get`]: [
        { json: { state: 'IMPORTING' } },
        () => {
          uploadsBefore = workspace.files.size;
          return available;
        },
      ],
    });
    expect(result.code, result.stderr).to.equal(0);
    expect(result.stderr).to.contain('The image is being copied');
    expect(uploadsBefore).to.equal(0);
    expect(workspace.runs).to.have.length(1);
    expect(workspace.runs[0]?.body.tasks[0]?.ai_runtime_task).to.include({
      docker_image_url: 'team/train:7',
    });
  });

  it('is one request more, beside the other checks', async () => {
    const result = await submit('{url: team/train:7}', { [`GET ${images}:get`]: available });
    expect(result.code, result.stderr).to.equal(0);
    expect(workspace.server.sent(`GET ${images}:get`)).to.have.length(1);
    expect(workspace.server.sent(`POST ${images}`)).to.have.length(0);
    expect(result.stderr).not.to.contain('The image is');
  });

  it('is registered anew with tag policy latest, by the secret that the file names', async () => {
    const result = await submit(
      '{url: registry.example.com/train, tag_policy: latest, credentials_scope: s, credentials_key: k}',
      {
        [`GET ${images}:get`]: [notRegistered, available],
        [`POST ${images}`]: { json: { image: available.json } },
      },
    );
    expect(result.code, result.stderr).to.equal(0);
    expect(workspace.server.sent(`POST ${images}`).map(({ json }) => json)).to.deep.equal([
      {
        docker_image_url: 'registry.example.com/train:latest',
        credentials_scope: 's',
        credentials_key: 'k',
      },
    ]);
    expect(workspace.runs).to.have.length(1);
  });

  it('is registered with the login of this machine, and a refused one is a warning', async () => {
    await writeFile(
      join(folder, 'config.json'),
      JSON.stringify({
        auths: { 'registry.example.com': { auth: Buffer.from('me:pw').toString('base64') } },
      }),
    );
    workspace.server.script({
      [`GET ${images}:get`]: [notRegistered, available],
      [`GET ${images}:checkImageAccess`]: { json: { publicly_accessible: false } },
      'GET /api/2.0/secrets/scopes/list': { json: {} },
      'POST /api/2.0/secrets/scopes/create': { json: {} },
      'POST /api/2.0/secrets/put': { json: {} },
      [`POST ${images}`]: [apiError(403, 'PERMISSION_DENIED', 'pull access denied'), available],
    });
    await writeFile(
      join(folder, 'train.yaml'),
      'experiment_name: imaged\ncompute: {accelerator_type: GPU_1xA10, num_accelerators: 1}\ncommand: echo\n' +
        'environment: {docker_image: {url: registry.example.com/train, tag_policy: latest}}\n',
    );
    const result = await runCli(['run', '-f', join(folder, 'train.yaml'), '-o', 'json'], {
      env: { ...workspace.env, HOME: folder, DOCKER_CONFIG: folder },
    });
    expect(result.code, result.stdout).to.equal(0);
    const warnings = envelopeOf(result).data?.['warnings'] as { message: string }[];
    expect(warnings.map(({ message }) => message).join()).to.contain('pull access denied');
    expect(result.stderr).to.equal('');
  });

  it('is not registered anew for a file that the workspace refuses', async () => {
    workspace.server.script({
      'POST /api/2.0/ai-training/config:validate': {
        json: { errors: [{ path: 'experiment', message: 'not this name' }] },
        delay: 100,
      },
    });
    for (const policy of ['auto', 'latest']) {
      const result = await submit(
        `{url: team/train:7, tag_policy: ${policy}}`,
        { [`GET ${images}:get`]: notRegistered },
        '-o',
        'json',
      );
      expect(result.code).to.equal(2);
      expect(envelopeOf(result).error?.details?.[0]).to.include({ message: 'not this name' });
    }
    expect(workspace.server.sent(`POST ${images}`)).to.have.length(0);
  });

  it('cannot be had where the workspace offers no registration', async () => {
    const result = await submit(
      '{url: team/train:7}',
      { [`GET ${images}:get`]: apiError(404, 'ENDPOINT_NOT_FOUND', 'No API found') },
      '-o',
      'json',
    );
    expect(result.code).to.equal(7);
    expect(envelopeOf(result).error?.code).to.equal('FEATURE_DISABLED');
    expectNothingChanged();
  });

  it('is refused by the workspace of this machine, at its place in the file', async () => {
    const result = await submit('{url: team/train:7}', {}, '--local', '-o', 'json');
    await runCli(['local', 'stop'], { env: { HOME: folder } });
    expect(result.code, result.stdout).to.equal(2);
    expect(envelopeOf(result).error?.details?.[0]).to.include({
      path: 'environment.docker_image.url',
      source: 'server',
      line: 4,
    });
  });

  it('comes after one line that says where, as whom and by which profile', async () => {
    await writeFile(
      join(folder, '.databrickscfg'),
      `[dev]\nhost = ${workspace.server.url}\ntoken = launch-token\n`,
      { mode: 0o600 },
    );
    await submit('{url: team/train:7}', { [`GET ${images}:get`]: notRegistered });
    const result = await runCli(['run', '-f', join(folder, 'train.yaml'), '-p', 'dev'], {
      env: { HOME: folder },
    });
    expect(result.stderr).to.contain(
      `Submitting imaged to ${workspace.server.url} as alice@example.com (profile dev).\n`,
    );
    expect(result.stderr).to.contain('air register-image team/train:7 -p dev');
  });
});
