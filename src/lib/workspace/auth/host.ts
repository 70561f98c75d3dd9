import { AirError } from '../../errors.js';

/** A workspace's address as configured, taken apart. */
export interface HostAddress {
  /** Origin without a trailing slash. */
  origin: string;
  /** The `o` parameter that addresses copied from a browser carry. */
  workspaceId: string | null;
}

/** Reads a configured host: a bare name gets `https://`, a path and a query are dropped. Throws UNAUTHENTICATED. */
export function parseHost(text: string, source: string): HostAddress {
  const trimmed = text.trim();
  const address = /^[a-z][a-z0-9+.-]*:\/\//i.test(trimmed) ? trimmed : `https://${trimmed}`;
  const url = URL.canParse(address) ? new URL(address) : null;
  if (url === null || !/^https?:$/.test(url.protocol) || url.hostname === '') {
    throw new AirError(
      'UNAUTHENTICATED',
      `${JSON.stringify(trimmed)} is not the address of a workspace (${source}).`,
      {
        hint: 'A host looks like https://dbc-12345678-90ab.cloud.databricks.com',
      },
    );
  }
  if (/^accounts(-dod)?\./.test(url.hostname)) {
    throw new AirError(
      'UNAUTHENTICATED',
      `${url.origin} is the account console, not a workspace (${source}).`,
      {
        hint: 'Set host to the address of a workspace, as the browser shows it when you are in one.',
      },
    );
  }
  const id = url.searchParams.get('o');
  return { origin: url.origin, workspaceId: id !== null && /^\d+$/.test(id) ? id : null };
}

/** Whether an Azure login can open this workspace. */
export function isAzure(origin: string): boolean {
  return /\.azuredatabricks\.(net|us)$|\.databricks\.azure\.(us|cn)$/.test(new URL(origin).hostname);
}
