import { Args, type Outcome } from '../../../lib/cli/command.js';
import { LocalCommand } from '../../../lib/cli/local-command.js';
import { paths } from '../../../lib/workspace/contract/paths.js';

interface DeleteData {
  scope: string;
  /** Null when the whole scope was deleted. */
  key: string | null;
}

export default class LocalSecretsDelete extends LocalCommand<DeleteData> {
  static override summary =
    'delete a secret, or a scope with all its secrets, from the workspace on this machine';
  static override description = 'Deletes without asking. A scope alone goes with everything in it.';
  static override examples = [
    '<%= config.bin %> local secrets delete team hf_token',
    '<%= config.bin %> local secrets delete team',
  ];
  static override args = {
    SCOPE: Args.string({ description: 'scope of the secret', required: true, ignoreStdin: true }),
    KEY: Args.string({ description: 'name of the secret; the whole scope without it', ignoreStdin: true }),
  };

  protected override async work(): Promise<Outcome<DeleteData>> {
    const { args } = await this.parse(LocalSecretsDelete);
    const { SCOPE: scope, KEY: key } = args;
    const { http } = await this.connect(await this.ensureLocal());
    if (key === undefined) await http.post(paths.secretScopesDelete, { scope });
    else await http.post(paths.secretsDelete, { scope, key });
    const what = key === undefined ? `the scope ${scope}` : `the secret ${scope}/${key}`;
    return { data: { scope, key: key ?? null }, text: () => `Deleted ${what}.\n` };
  }
}
