import { paths, type UsagePoliciesPage } from './contract/index.js';
import type { Http, RequestOptions } from './http.js';

export interface UsagePolicy {
  /** Empty when the workspace lists it without one. */
  id: string;
  name: string;
}

const pageSize = 1000;

/** Usage policies: on whose account serverless work goes. */
export class Policies {
  constructor(private readonly http: Http) {}

  /** The policies whose names hold this text, upper and lower case alike; all pages, each policy once. */
  async named(text: string, options: RequestOptions = {}): Promise<UsagePolicy[]> {
    const names = new Map<string, string>();
    const seen = new Set<string>();
    let token: string | undefined;
    do {
      if (token !== undefined) seen.add(token);
      const page: UsagePoliciesPage = await this.http.get(
        paths.usagePolicies,
        { page_size: pageSize, 'filter_by.policy_name': text, page_token: token },
        options,
      );
      for (const { policy_id: id, policy_name: name } of page.policies ?? [])
        names.set(id ?? '', name?.trim() ?? '');
      token = page.next_page_token;
    } while (token && !seen.has(token));
    return [...names].map(([id, name]) => ({ id, name }));
  }
}
