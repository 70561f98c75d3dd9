import { Args, type Outcome } from '../../../lib/cli/command.js';
import { LocalCommand } from '../../../lib/cli/local-command.js';
import { AirError } from '../../../lib/errors.js';
import { paths } from '../../../lib/workspace/contract/paths.js';
import type { Workspace } from '../../../lib/workspace/index.js';

interface PutData {
  scope: string;
  key: string;
}

export default class LocalSecretsPut extends LocalCommand<PutData> {
  static override summary = 'store a secret in the workspace on this machine';
  static override description = `The value is asked for without showing it, or read from standard input, of which one line end at the close is
dropped. It never stands on a command line. A scope that does not exist is made.`;
  static override examples = [
    '<%= config.bin %> local secrets put team hf_token',
    'cat token.txt | <%= config.bin %> local secrets put team hf_token',
  ];
  static override args = {
    SCOPE: Args.string({ description: 'scope of the secret', required: true, ignoreStdin: true }),
    KEY: Args.string({ description: 'name of the secret', required: true, ignoreStdin: true }),
  };

  protected override async work(): Promise<Outcome<PutData>> {
    const { args } = await this.parse(LocalSecretsPut);
    const { SCOPE: scope, KEY: key } = args;
    const value = await this.value(scope, key);
    const workspace = await this.connect(await this.ensureLocal());
    await ensureScope(workspace, scope);
    await workspace.http.post(
      paths.secretsPut,
      { scope, key, bytes_value: value.toString('base64') },
      { retry: 'safe' },
    );
    return { data: { scope, key }, text: () => `Stored the secret ${scope}/${key}.\n` };
  }

  private async value(scope: string, key: string): Promise<Buffer> {
    const { ask, pipedText } = await import('../../../lib/cli/terminal/question.js');
    const { io } = this.host;
    let value: Buffer;
    if (io.stdin.isTTY !== true) {
      const piped = await pipedText(io);
      value = piped.at(-1) === 0x0a ? piped.subarray(0, piped.at(-2) === 0x0d ? -2 : -1) : piped;
    } else if (this.mayPrompt) {
      value = Buffer.from(await ask(io, `Value of ${scope}/${key}: `, { hidden: true, signal: this.signal }));
    } else {
      throw new AirError('INVALID_ARGS', 'The value of the secret is missing.', {
        hint: `Pipe it in: cat FILE | air local secrets put ${scope} ${key}`,
      });
    }
    if (value.length === 0) throw new AirError('INVALID_ARGS', `The value of ${scope}/${key} is empty.`);
    return value;
  }
}

async function ensureScope({ http }: Workspace, scope: string): Promise<void> {
  const { scopes } = await http.get<{ scopes?: { name: string }[] }>(paths.secretScopesList);
  if (!scopes?.some(({ name }) => name === scope)) await http.post(paths.secretScopesCreate, { scope });
}
