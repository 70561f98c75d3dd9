import { AirError } from '../errors.js';
import type { Workspace } from '../workspace/index.js';

const longestSuggestion = 10;

/**
 * The id of the usage policy of this name, upper and lower case alike. The server's filter matches parts of
 * names, so the exact one is picked here.
 * @throws AirError NOT_FOUND with the names that come near, CONFLICT when several policies bear the name.
 */
export async function resolveUsagePolicy(workspace: Workspace, name: string): Promise<string> {
  const policies = await workspace.policies.named(name);
  const wanted = name.toLowerCase();
  const ids = policies.filter((policy) => policy.name.toLowerCase() === wanted).map((policy) => policy.id);
  const [id, ...others] = ids;
  if (others.length > 0) {
    throw new AirError('CONFLICT', `Several usage policies are named "${name}": ${ids.join(', ')}.`, {
      hint: 'Say which one with usage_policy_id in place of usage_policy_name.',
    });
  }
  if (id === undefined) {
    const names = [...new Set(policies.map((policy) => policy.name))].filter((found) => found !== '').sort();
    const shown = names.slice(0, longestSuggestion).map((found) => `"${found}"`);
    const more = names.length > longestSuggestion ? ', ...' : '';
    throw new AirError('NOT_FOUND', `There is no usage policy named "${name}" in this workspace.`, {
      hint:
        shown.length === 0 ? 'Check usage_policy_name.' : `Names that come near: ${shown.join(', ')}${more}`,
    });
  }
  if (id === '') {
    throw new AirError('INTERNAL_ERROR', `The workspace lists the usage policy "${name}" without an id.`);
  }
  return id;
}
