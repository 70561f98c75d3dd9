const patterns: readonly RegExp[] = [
  // Personal access tokens, OAuth secrets, and tokens of other services that such messages have been seen to hold.
  /\b(?:dapi|dose|dkea|dsapi)[0-9a-f]{32}(?:-\d+)?\b/g,
  // JSON Web Tokens.
  /\beyJ[\w-]{8,}\.[\w-]+(?:\.[\w-]*)?/g,
  /\b(?:Bearer|Basic)\s+[\w.~+/=-]{8,}/gi,
];

/**
 * A text from outside (a server's or a child's message) as it may be shown: without the secrets we know to be in
 * use, and without what looks like one.
 */
export function redact(text: string, secrets: Iterable<string> = []): string {
  let result = text;
  for (const secret of secrets) if (secret.length >= 4) result = result.replaceAll(secret, '[redacted]');
  for (const pattern of patterns) result = result.replace(pattern, '[redacted]');
  return result;
}
