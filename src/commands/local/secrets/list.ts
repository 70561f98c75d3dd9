import { Args, type Outcome } from '../../../lib/cli/command.js';
import { LocalCommand } from '../../../lib/cli/local-command.js';
import { isoformat } from '../../../lib/runs/timing.js';
import { paths } from '../../../lib/workspace/contract/paths.js';

interface ListData {
  scopes: { scope: string; secrets: { key: string; updated_at: string }[] }[];
}

export default class LocalSecretsList extends LocalCommand<ListData> {
  static override summary = 'list the secrets of the workspace on this machine, without their values';
  static override description = 'Prints one secret a line, as SCOPE/KEY.';
  static override examples = [
    '<%= config.bin %> local secrets list',
    '<%= config.bin %> local secrets list team',
  ];
  static override args = {
    SCOPE: Args.string({ description: 'this scope alone', ignoreStdin: true }),
  };

  protected override async work(): Promise<Outcome<ListData>> {
    const { args } = await this.parse(LocalSecretsList);
    const { http } = await this.connect(await this.ensureLocal());
    const names = args.SCOPE === undefined ? await this.scopes(http) : [args.SCOPE];
    const scopes = await Promise.all(
      names.map(async (scope) => {
        const answer = await http.get<{ secrets?: { key: string; last_updated_timestamp: number }[] }>(
          paths.secretsList,
          { scope },
        );
        return {
          scope,
          secrets: (answer.secrets ?? []).map((secret) => ({
            key: secret.key,
            updated_at: isoformat(secret.last_updated_timestamp),
          })),
        };
      }),
    );
    return {
      data: { scopes },
      text: () => {
        const lines = scopes.flatMap(({ scope, secrets }) =>
          secrets.length === 0 ? [`${scope}/ (empty)`] : secrets.map(({ key }) => `${scope}/${key}`),
        );
        return lines.length === 0 ? 'There are no secrets.\n' : `${lines.join('\n')}\n`;
      },
    };
  }

  private async scopes(http: { get<T>(path: string): Promise<T> }): Promise<string[]> {
    const answer = await http.get<{ scopes?: { name: string }[] }>(paths.secretScopesList);
    return (answer.scopes ?? []).map(({ name }) => name);
  }
}
