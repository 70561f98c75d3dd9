import { performance } from 'node:perf_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import { familyOf, signalProcess } from '../../process-identity.js';

/** Milliseconds between the polite signal and the final one. */
const grace = 10_000;
const look = 50;

/**
 * Stops every process of the sessions, or that carries the marker: SIGTERM, then SIGKILL after ten seconds.
 * Resolves when the last one is gone.
 */
export async function stopFamily(sessions: readonly number[], marker: string): Promise<void> {
  const roots = new Set(sessions);
  const started = performance.now();
  const told = new Set<number>();
  for (;;) {
    const members = familyOf(roots, marker);
    if (members.length === 0) return;
    const final = performance.now() - started >= grace;
    for (const pid of members) {
      if (final) signalProcess(pid, 'SIGKILL');
      else if (!told.has(pid)) signalProcess(pid, 'SIGTERM');
      told.add(pid);
    }
    await delay(look);
  }
}
