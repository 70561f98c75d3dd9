import type { Target } from './target.js';

/** The flags that lead a later command to the same workspace, with a space before them; none for the default. */
export function targetFlags(target: Target): string {
  if (target.local) return ' --local';
  return target.profile === undefined ? '' : ` -p ${shellQuoted(target.profile)}`;
}

function shellQuoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
