import { AirError } from '../../errors.js';
import type { Credentials } from '../target.js';

/** The first of several credentials that can authenticate; which one is found out at the first request. */
export function firstThatWorks(candidates: readonly [Credentials, ...Credentials[]]): Credentials {
  let chosen: Credentials = candidates[0];
  let choice: Promise<Record<string, string>> | null = null;
  let settled = false;

  async function choose(signal: AbortSignal): Promise<Record<string, string>> {
    const refusals: AirError[] = [];
    for (const candidate of candidates) {
      try {
        const headers = await candidate.headers(signal);
        chosen = candidate;
        settled = true;
        return headers;
      } catch (error) {
        if (!(error instanceof AirError) || error.code !== 'UNAUTHENTICATED') throw error;
        refusals.push(error);
      }
    }
    throw new AirError('UNAUTHENTICATED', refusals.map(({ message }) => message).join('\n'), {
      hint: refusals.map(({ hint }) => hint).join(' Or: '),
    });
  }

  return {
    get kind() {
      return chosen.kind;
    },
    headers(signal) {
      if (settled) return chosen.headers(signal);
      return (choice ??= choose(signal).finally(() => {
        choice = null;
      }));
    },
    renew: (refused, signal) => chosen.renew?.(refused, signal) ?? Promise.resolve(false),
  };
}
