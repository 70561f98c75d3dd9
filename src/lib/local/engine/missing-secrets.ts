import { shellWord } from '../../shell-word.js';
import type { SecretStore } from '../store/secrets.js';

/** A variable of a run whose value is a secret of the workspace. */
export interface SecretReference {
  name: string;
  secret_scope: string;
  secret_key: string;
}

/** A secret that a run needs and the workspace does not have, in words. */
export interface MissingSecret {
  /** The variable that would hold it. */
  name: string;
  message: string;
  /** How to store it: a command that can be pasted. */
  hint: string;
}

/** What a run refers to in vain, every secret of it. */
export function missingSecrets(
  references: readonly SecretReference[],
  secrets: SecretStore,
): MissingSecret[] {
  return references
    .filter(({ secret_scope: scope, secret_key: key }) => !secrets.has(scope, key))
    .map(({ name, secret_scope: scope, secret_key: key }) => ({
      name,
      message: `The local workspace has no secret ${scope}/${key}.`,
      hint: `To store it, type: air local secrets put ${shellWord(scope)} ${shellWord(key)}`,
    }));
}
