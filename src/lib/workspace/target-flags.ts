import { shellWord } from '../shell-word.js';
import type { Target } from './target.js';

/** The flags that lead a later command to the same workspace, with a space before them; none for the default. */
export function targetFlags(target: Partial<Pick<Target, 'local' | 'profile'>>): string {
  if (target.local) return ' --local';
  return target.profile === undefined ? '' : ` -p ${shellWord(target.profile)}`;
}
