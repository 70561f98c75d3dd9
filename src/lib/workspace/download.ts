import { PassThrough, type Readable } from 'node:stream';
import { AirError } from '../errors.js';
import { ConnectionError } from './connection-error.js';
import type { Reply } from './transport.js';

/** An answer that is read as it comes. `body` must be consumed or destroyed; its errors are {@link ConnectionError}s. */
export interface Download {
  status: number;
  headers: Reply['headers'];
  body: Readable;
}

/** A signed address: it carries its own permission, so it is asked without the workspace's credentials. */
export interface SignedAddress {
  url: string;
  /** Headers that the signature covers, as the workspace returned them. */
  headers?: readonly { name?: string; value?: string }[];
}

/** The body of an answer, whose errors are those of the connection, or the reason why `signal` stopped it. */
export function downloadOf(
  reply: Reply & { stream: Readable },
  signal: AbortSignal,
  from: { url: URL; label?: string },
): Download {
  const { stream } = reply;
  const body = new PassThrough();
  stream.once('error', (error) => {
    body.destroy(signal.aborted ? (signal.reason as Error) : new ConnectionError(error, from));
  });
  body.once('close', () => stream.destroy());
  stream.pipe(body);
  return { status: reply.status, headers: reply.headers, body };
}

/** The headers that an address was signed with; without them its storage refuses it. */
export function signedHeaders(address: SignedAddress): Record<string, string> {
  const named = (address.headers ?? []).flatMap(({ name, value }) => (name ? [[name, value ?? '']] : []));
  return Object.fromEntries(named) as Record<string, string>;
}

/** Storage services answer in XML, and their words may repeat the signature: only the status is shown. */
export function storageError(reply: Reply, url: URL): AirError {
  const passing = reply.status === 429 || reply.status >= 500;
  return new AirError(
    reply.status === 404 ? 'NOT_FOUND' : 'INTERNAL_ERROR',
    `${url.origin} answered the download with status ${reply.status}.`,
    passing ? { kind: 'TRANSIENT', hint: 'This may pass: try again in a moment.' } : {},
  );
}
