import { AirError } from '../errors.js';
import { paths, type UsagePoliciesPage } from '../workspace/contract/index.js';
import type { Workspace } from '../workspace/index.js';

const pageSize = 1000;
const longestSuggestion = 10;

/**
 * The id of the usage policy of this name, upper and lower case alike. The server's filter matches parts of
 * names, so the exact one is picked here.
 * @throws AirError NOT_FOUND with the names that come near, CONFLICT when several policies bear the name.
 */
export async function resolveUsagePolicy(workspace: Workspace, name: string): Promise<string> {
  const byId = new Map<string, string>();
  const seen = new Set<string>();
  let token: string | undefined;
  do {
    if (token !== undefined) seen.add(token);
    const page: UsagePoliciesPage = await workspace.http.get(paths.usagePolicies, {
      page_size: pageSize,
      'filter_by.policy_name': name,
      page_token: token,
    });
    for (const policy of page.policies ?? [])
      byId.set(policy.policy_id ?? '', policy.policy_name?.trim() ?? '');
    token = page.next_page_token;
  } while (token && !seen.has(token));

  const wanted = name.toLowerCase();
  const ids = [...byId].filter(([, found]) => found.toLowerCase() === wanted).map(([id]) => id);
  const [id, ...others] = ids;
  if (others.length > 0) {
    throw new AirError('CONFLICT', `Several usage policies are named "${name}": ${ids.join(', ')}.`, {
      hint: 'Say which one with usage_policy_id in place of usage_policy_name.',
    });
  }
  if (id === undefined) {
    const names = [...new Set(byId.values())].filter((found) => found !== '').sort();
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
