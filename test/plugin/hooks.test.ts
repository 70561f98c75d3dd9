import { expect } from 'chai';
import type { Interfaces } from '@oclif/core';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { envelopeOf, packageRoot, runCli } from '../support/cli.js';
import { LaunchHooks } from '../../src/lib/cli/plugins/hooks.js';

describe('hooks of plugins', () => {
  let folder: string;
  let file: string;
  let env: NodeJS.ProcessEnv;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'air-hooks-'));
    file = join(folder, 'train.yaml');
    env = { HOME: folder, AIR_DATA_DIR: join(folder, 'data') };
    await mkdir(join(folder, 'data'));
    const lines = ['experiment_name: digits', 'command: echo hi'];
    await writeFile(
      file,
      `${lines.join('\n')}\ncompute: { accelerator_type: GPU_1xA10, num_accelerators: 1 }\n`,
    );
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  /** Links plugins of one hook each. */
  async function link(plugins: Record<string, { hook: string; code: string }>): Promise<void> {
    const entries = [];
    for (const [name, { hook, code }] of Object.entries(plugins)) {
      const root = join(folder, name);
      await mkdir(root);
      const oclif = { hooks: { [hook]: './hook.js' } };
      await writeFile(
        join(root, 'package.json'),
        JSON.stringify({ name, version: '1.0.0', type: 'module', oclif }),
      );
      await writeFile(join(root, 'hook.js'), code);
      entries.push({ name, root, type: 'link' });
    }
    await writeFile(
      join(folder, 'data', 'package.json'),
      JSON.stringify({ oclif: { schema: 1, plugins: entries } }),
    );
  }

  const dryRun = (...more: string[]) => runCli(['run', '-f', file, '--dry-run', ...more], { env });

  it('applies overrides in the order of the names, after the user, and shows them', async () => {
    await link({
      zeta: { hook: 'air:config', code: `export default async () => ({ overrides: ['max_retries=7'] })` },
      alpha: { hook: 'air:config', code: `export default async () => ({ overrides: ['max_retries=5'] })` },
    });
    const result = await dryRun('--override', 'max_retries=2', '-o', 'json');
    expect(result.stderr).to.match(/Override by alpha: .*from 2 to 5\nOverride by zeta: .*from 5 to 7\n/);
    expect(envelopeOf(result).data).to.have.nested.property('plan.max_retries', 7);
  });

  it('shows the problem of an override as the plugin gave it', async () => {
    await link({
      alpha: { hook: 'air:config', code: `export default async () => ({ overrides: ['max_retries=no'] })` },
    });
    const result = await dryRun('-o', 'json');
    expect(result.code).to.equal(2);
    const [detail] = envelopeOf(result).error!.details!;
    expect(detail).to.include({ source: 'plugin', file: 'plugin alpha: max_retries=no', line: 1 });
  });

  for (const [title, code, says] of [
    ['throws', `export default async () => { throw new Error('boom') }`, 'boom'],
    ['names no field', `export default async () => ({ overrides: ['nope=1'] })`, 'nope'],
    ['answers in another shape', `export default async () => ({ override: [] })`, '"override"'],
    [
      'changes what it is given',
      `export default async (event) => { event.workload.command = 'x' }`,
      'read only',
    ],
    ['cannot be loaded', `import 'no-such-package';`, 'no-such-package'],
  ] as const) {
    it(`names the plugin whose hook ${title}, and stops`, async () => {
      await link({ culprit: { hook: 'air:config', code } });
      const result = await dryRun();
      expect(result.code).to.equal(7);
      expect(result.stdout).to.equal('');
      expect(result.stderr)
        .to.match(/^Error: The plugin culprit /)
        .and.include(says);
    });
  }

  it('ends with the refusal of a plan', async () => {
    await link({
      house: { hook: 'air:plan', code: `export default async () => ({ refusal: 'not today.' })` },
    });
    const result = await dryRun('-o', 'json');
    expect(result.code).to.equal(4);
    expect(envelopeOf(result).error).to.include({
      code: 'PERMISSION_DENIED',
      message: 'The plugin house refuses this run: not today.',
    });
  });

  it('does not wait for ever for an answer, and only warns after the submission', async () => {
    const plugin = { name: 'slow', hooks: { 'air:submitted': ['x'] } };
    const config = {
      plugins: new Map([['slow', plugin]]),
      runHook: (_name: string, { signal }: { signal: AbortSignal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () =>
            resolve({ successes: [], failures: [{ plugin, error: signal.reason as Error }] }),
          );
        }),
    } as unknown as Interfaces.Config;
    const warnings: string[] = [];
    const hooks = new LaunchHooks(config, {
      signal: new AbortController().signal,
      warn: ({ message }) => warnings.push(message),
      timeLimit: 5,
    });
    await hooks.submitted({
      run_id: '1',
      experiment_name: 'x',
      dashboard_url: '',
      host: '',
      local: true,
      existing: false,
    });
    expect(warnings).to.have.length(1);
    expect(warnings[0]).to.match(
      /The plugin slow failed in its air:submitted hook.*The run is not affected\.$/,
    );
  });

  it('names a plugin that is broken, and works', async () => {
    await link({ sound: { hook: 'air:plan', code: 'export default async () => undefined' } });
    await rm(join(folder, 'sound', 'package.json'));
    const result = await runCli(['version'], { env });
    expect(result.code).to.equal(0);
    expect(result.stderr).to.match(/^Warning: The plugin sound cannot be loaded/);
  });
});

describe('the example plugin', () => {
  it('is found by name once it is linked, and passes its own tests', async function () {
    this.timeout(60_000);
    const { spawnSync } = await import('node:child_process');
    const folder = await mkdtemp(join(tmpdir(), 'air-link-'));
    const env = { PATH: process.env['PATH'], HOME: folder, AIR_DATA_DIR: join(folder, 'data') };
    try {
      const root = join(packageRoot, 'examples', 'plugin-policy');
      expect((await runCli(['plugins', 'link', root, '--no-install'], { env })).code).to.equal(0);
      const shown = await runCli(['policy', 'show', '-o', 'json'], { env });
      expect(envelopeOf(shown).data).to.include({ most_gpus: 64 });
      const { status, stdout } = spawnSync('npm', ['test'], {
        cwd: root,
        env,
        encoding: 'utf8',
      });
      expect(status, stdout).to.equal(0);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
