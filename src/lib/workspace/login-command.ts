import { shellWord } from '../shell-word.js';

/** The command that logs in to a workspace; the host may be a placeholder. */
export function databricksLogin(host: string, profile: string | undefined): string {
  return `databricks auth login --host ${host}${profile === undefined ? '' : ` --profile ${shellWord(profile)}`}`;
}
