import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { scratchFolder } from '../../../src/lib/launch/snapshot/scratch.js';
import { processIdentity } from '../../../src/lib/process-identity.js';

describe('temporary folders', () => {
  const { TMPDIR: usual } = process.env;
  let temporary: string;
  beforeEach(() => {
    temporary = mkdtempSync(join(tmpdir(), 'air-scratch-'));
    process.env['TMPDIR'] = temporary;
  });
  afterEach(() => {
    if (usual === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = usual;
    rmSync(temporary, { recursive: true, force: true });
  });

  const plant = (name: string): string => {
    const folder = join(temporary, name);
    mkdirSync(folder);
    writeFileSync(join(folder, 'code.tar.gz'), 'x');
    return folder;
  };

  it('of dead processes are removed; those of living ones, of other machines and of others stay', async () => {
    const child = spawn('sleep', ['600'], { stdio: 'ignore' });
    const identity = processIdentity(child.pid ?? 0) ?? '';
    const ofChild = plant(`air-snapshot-${hostname()}-${identity}-abc123`);
    const kept = [
      plant(`air-snapshot-elsewhere.${hostname()}-${identity}-abc123`),
      plant('air-snapshots'),
      await scratchFolder(),
    ];
    expect(existsSync(ofChild)).to.equal(true);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const own = await scratchFolder();
    expect(existsSync(ofChild)).to.equal(false);
    for (const folder of [...kept, own]) expect(existsSync(folder), folder).to.equal(true);
  });
});
