import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { isSameProcess, processIdentity } from '../../process-identity.js';

/**
 * A temporary folder of this process. Its name says whose it is: `air-snapshot-HOST-PROCESS-XXXXXX`, with the
 * process as in {@link processIdentity}. Folders that killed processes left behind are removed on the way:
 * they may hold gigabytes.
 */
export async function scratchFolder(): Promise<string> {
  await removeLeftovers();
  return mkdtemp(join(tmpdir(), `${ownPrefix()}${processIdentity(process.pid)}-`));
}

/** Machines and containers may share the folder, and only the processes of one's own can be seen. */
function ownPrefix(): string {
  return `air-snapshot-${hostname()}-`;
}

async function removeLeftovers(): Promise<void> {
  const names = await readdir(tmpdir());
  const left = names.filter((name) => name.startsWith(ownPrefix()) && !isSameProcess(ownerOf(name)));
  // Those of other users stay.
  const removals = left.map((name) => rm(join(tmpdir(), name), { recursive: true, force: true }));
  await Promise.allSettled(removals);
}

function ownerOf(name: string): string {
  return name.slice(ownPrefix().length, name.lastIndexOf('-'));
}
