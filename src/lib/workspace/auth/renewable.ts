import type { Context } from '../../io.js';
import { AirError } from '../../errors.js';
import type { Credentials } from '../target.js';

/** An access token. Times in milliseconds since the epoch. */
export interface Token {
  value: string;
  obtainedAt: number;
  /** Null when its source does not say. */
  expiresAt: number | null;
}

/** Where tokens outlive a command. A store that fails behaves like an empty one. */
export interface TokenStore {
  load(): Promise<Token | null>;
  save(token: Token): Promise<void>;
}

export interface RenewableOptions {
  kind: string;
  context: Context;
  /** Asks for a new token. Called once at a time. */
  fetch: (signal: AbortSignal) => Promise<Token>;
  store?: TokenStore;
}

const earliest = 5 * 60_000;

/**
 * Credentials whose token ends. It is renewed before its end (five minutes before it, or in the last quarter of a
 * shorter life), once for all requests that wait for it, and after the server refused it.
 */
export class RenewableCredentials implements Credentials {
  readonly kind: string;
  private token: Token | null = null;
  private loaded = false;
  private pending: Promise<Token> | null = null;

  constructor(private readonly options: RenewableOptions) {
    this.kind = options.kind;
  }

  async headers(signal: AbortSignal): Promise<Record<string, string>> {
    return headersOf(await untilAborted(this.current(), signal));
  }

  async renew(refused: Readonly<Record<string, string>>, signal: AbortSignal): Promise<boolean> {
    const isRefused = (token: Token | null) =>
      token === null || headersOf(token)['authorization'] === refused['authorization'];
    const known = this.pending === null ? this.token : await untilAborted(this.pending, signal);
    if (!isRefused(known)) return true;
    return !isRefused(await untilAborted(this.refresh(), signal));
  }

  private async current(): Promise<Token> {
    if (!this.loaded && this.options.store) {
      const stored = await this.options.store.load();
      if (!this.loaded) this.token = stored;
    }
    this.loaded = true;
    const { token } = this;
    const now = this.options.context.clock.now();
    if (token !== null && now < dueAt(token)) return token;
    try {
      return await this.refresh();
    } catch (error) {
      const isUsable = token?.expiresAt != null && now < token.expiresAt;
      if (isUsable && error instanceof AirError && error.retryable) return token;
      throw error;
    }
  }

  /** The renewal under way, or a new one. It belongs to the command, not to the request that began it. */
  private refresh(): Promise<Token> {
    return (this.pending ??= this.fetchAndKeep().finally(() => {
      this.pending = null;
    }));
  }

  private async fetchAndKeep(): Promise<Token> {
    const token = await this.options.fetch(this.options.context.signal);
    this.token = token;
    await this.options.store?.save(token);
    return token;
  }
}

function headersOf(token: Token): Record<string, string> {
  return { authorization: `Bearer ${token.value}` };
}

/** When a token is to be renewed. */
function dueAt({ obtainedAt, expiresAt }: Token): number {
  if (expiresAt === null) return Infinity;
  return expiresAt - Math.min(earliest, (expiresAt - obtainedAt) / 4);
}

async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let stop: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(signal.reason as Error);
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    if (stop) signal.removeEventListener('abort', stop);
  }
}
