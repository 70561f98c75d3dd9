import type { Clock } from '../../io.js';

/** What the local workspace says of its runs. */
export interface LocalStatus {
  /** Number of runs by the word for their state, in lower case. */
  runs: Record<string, number>;
  active: number;
  queue: number;
}

export const localPaths = {
  status: '/local/status',
  nonce: '/local/nonce',
  open: '/local/open',
  cancelAll: '/local/cancel-all',
} as const;

/** The part of an HTTP client that is needed here. */
export interface LocalHttp {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, json: unknown): Promise<T>;
}

const lookMilliseconds = 100;

/** Cancels every run of the local workspace and waits until the last of them has ended. */
export async function endAllRuns(http: LocalHttp, clock: Clock, signal: AbortSignal): Promise<number> {
  const { active } = await http.get<LocalStatus>(localPaths.status);
  if (active === 0) return 0;
  await http.post(localPaths.cancelAll, {});
  while ((await http.get<LocalStatus>(localPaths.status)).active > 0) {
    await clock.sleep(lookMilliseconds, signal);
  }
  return active;
}
