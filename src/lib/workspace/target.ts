/** Where requests get their authentication from. One object per command; it may cache and renew a token. */
export interface Credentials {
  /** `pat`, `oauth-m2m`, `databricks-cli`, ... as the Databricks tools name them. */
  readonly kind: string;
  /** The headers that authenticate a request; renews an expiring token first. */
  headers(signal: AbortSignal): Promise<Record<string, string>>;
  /**
   * Called after the server refused a request with these headers: true when other headers are there by now.
   * Many requests may call at once; one renewal serves them all.
   */
  renew?(refused: Readonly<Record<string, string>>, signal: AbortSignal): Promise<boolean>;
}

/** A workspace to talk to, resolved but not yet contacted. */
export interface Target {
  /** Origin without a trailing slash, e.g. `https://adb-1.azuredatabricks.net`. */
  readonly host: string;
  readonly credentials: Credentials;
  /** Where host and credentials were found, in words: `profile dev of ~/.databrickscfg`. */
  readonly source: string;
  /** The profile, when one was used: resume commands repeat it. */
  readonly profile?: string;
  /** Sent as `X-Databricks-Workspace-Id` when the configuration has one. */
  readonly workspaceId?: string;
  /** The local workspace. Only words and waiting times depend on it, never a request. */
  readonly local: boolean;
}

/** One line about where requests go: host, who asks, and by which configuration. */
export function describeTarget(target: Target, userName: string | null): string {
  const who = userName === null ? '' : ` as ${userName}`;
  const by = target.local
    ? 'this machine'
    : target.profile === undefined
      ? 'environment'
      : `profile ${target.profile}`;
  return `${target.host}${who} (${by})`;
}
