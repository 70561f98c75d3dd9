import { paths } from './contract/index.js';
import { ApiError, type Http, type RequestOptions } from './http.js';

/** Secret scopes and their keys. Values can be written, never read. */
export class Secrets {
  constructor(private readonly http: Http) {}

  /** The names of the scopes that the caller may see. */
  async scopes(options: RequestOptions = {}): Promise<string[]> {
    const answer = await this.http.get<{ scopes?: { name?: string }[] }>(paths.secretScopesList, {}, options);
    return (answer.scopes ?? []).flatMap(({ name }) => (name === undefined ? [] : [name]));
  }

  /** Makes a scope that only its creator can use; one that is there is left as it is. */
  async createScope(scope: string, options: RequestOptions = {}): Promise<void> {
    try {
      await this.http.post(paths.secretScopesCreate, { scope }, { retry: 'safe', ...options });
    } catch (error) {
      if (error instanceof ApiError && error.errorCode === 'RESOURCE_ALREADY_EXISTS') return;
      throw error;
    }
  }

  async put(scope: string, key: string, value: string, options: RequestOptions = {}): Promise<void> {
    await this.http.post(
      paths.secretsPut,
      { scope, key, string_value: value },
      { retry: 'safe', ...options },
    );
  }
}
