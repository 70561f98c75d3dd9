import type { Clock } from '../io.js';
import { ConnectionError } from './connection-error.js';
import type { Reply } from './transport.js';

/**
 * When a failed request may be sent again: `safe` whenever the failure may pass; `unsent` only when the server
 * cannot have handled it; `never`.
 */
export type RetryPolicy = 'safe' | 'unsent' | 'never';

export interface RetryOptions {
  policy: RetryPolicy;
  clock: Clock;
  signal: AbortSignal;
  /** Milliseconds for all attempts together, whatever the failure; without it the two budgets below. */
  budget?: number | undefined;
  outage: Outage;
  /** Called before each wait. */
  waiting?: (delay: number, why: string) => void;
}

/**
 * Since when a host has not answered at all. Shared by the requests of one command, so that several of them,
 * one after the other, do not each wait for the same dead host.
 */
export class Outage {
  since: number | undefined;
}

/** A host that does not answer is given up after this: an ordinary command then ends within 15 s. */
const silentBudget = 11_000;
/** A host that answers "later" is alive, and asked again for longer. */
const busyBudget = 60_000;
/** Nothing listens, or nothing has that name: this seldom changes while one waits. */
const refusedBudget = 3_000;
/** A name that is not resolved: the resolver has asked several servers several times already. */
const unresolvedBudget = 8_000;
/** The least time an attempt gets. */
const shortestAttempt = 1_000;
/** Milliseconds: the first delay, and what many clients that were told the same moment are spread over. */
const firstCeiling = 250;
const highestCeiling = 8_000;

const passingStatuses = new Set([429, 502, 503, 504]);
/** The server says that it has not taken the request. */
const refusingStatuses = new Set([429, 503]);

/**
 * Sends until an answer is final or the time is up; `attempt` is told how many milliseconds it has. The answer
 * may be an error answer. Delays double up to 8 s with full jitter; `Retry-After` decides where there is one.
 */
export async function withRetries<Answer extends Reply>(
  attempt: (timeLeft: number) => Promise<Answer>,
  options: RetryOptions,
): Promise<Answer> {
  const { clock, policy, outage, signal } = options;
  const started = clock.now();
  for (let count = 1; ; count++) {
    const begun = clock.now();
    const silentDeadline = Math.min(started, outage.since ?? started) + (options.budget ?? silentBudget);
    let outcome: Outcome<Answer>;
    try {
      outcome = answered(await attempt(Math.max(silentDeadline - begun, shortestAttempt)), clock.now());
      outage.since = undefined;
    } catch (error) {
      if (!(error instanceof ConnectionError)) throw error;
      outage.since ??= begun;
      outcome = failed(error);
    }
    const { passing, unsent, retryAfter, budget } = outcome;
    const delay =
      retryAfter === undefined
        ? Math.random() * Math.min(firstCeiling * 2 ** (count - 1), highestCeiling)
        : retryAfter + Math.random() * firstCeiling;
    const since = budget === busyBudget ? started : Math.min(started, outage.since ?? started);
    const inTime = clock.now() + delay < since + (options.budget ?? budget);
    const mayRepeat = policy === 'safe' || (policy === 'unsent' && unsent);
    if (!passing || !mayRepeat || !inTime) return outcome.finish();
    options.waiting?.(delay, outcome.words);
    await clock.sleep(delay, signal);
  }
}

interface Outcome<Answer extends Reply> {
  passing: boolean;
  unsent: boolean;
  retryAfter: number | undefined;
  budget: number;
  words: string;
  finish: () => Answer;
}

function answered<Answer extends Reply>(reply: Answer, now: number): Outcome<Answer> {
  const retryAfter = retryAfterOf(reply, now);
  const busy = reply.status === 429 || retryAfter !== undefined;
  return {
    passing: passingStatuses.has(reply.status),
    unsent: refusingStatuses.has(reply.status),
    retryAfter,
    budget: busy ? busyBudget : silentBudget,
    words: `status ${reply.status}`,
    finish: () => reply,
  };
}

function failed<Answer extends Reply>(error: ConnectionError): Outcome<Answer> {
  return {
    passing: error.retryable,
    unsent: error.unsent,
    retryAfter: undefined,
    budget: budgetOf(error),
    words: error.reason ?? error.message,
    finish: () => {
      throw error;
    },
  };
}

function budgetOf({ reason, unresolved }: ConnectionError): number {
  if (reason === 'ECONNREFUSED' || reason === 'ENOTFOUND') return refusedBudget;
  return unresolved ? unresolvedBudget : silentBudget;
}

/** Milliseconds that a `Retry-After` header asks for: seconds, or a date. */
export function retryAfterOf(reply: Pick<Reply, 'headers'>, now: number): number | undefined {
  const text = reply.headers['retry-after']?.trim();
  if (text === undefined || text === '') return undefined;
  const milliseconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) * 1000 : Date.parse(text) - now;
  return Number.isFinite(milliseconds) ? Math.max(0, milliseconds) : undefined;
}
