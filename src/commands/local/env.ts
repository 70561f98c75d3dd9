import type { Outcome } from '../../lib/cli/command.js';
import { LocalCommand } from '../../lib/cli/local-command.js';

interface EnvData {
  DATABRICKS_HOST: string;
  DATABRICKS_TOKEN: string;
  MLFLOW_TRACKING_URI: string;
  MLFLOW_TRACKING_TOKEN: string;
}

export default class LocalEnv extends LocalCommand<EnvData> {
  static override summary = 'print the variables that lead other tools to the workspace on this machine';
  static override description = `The Databricks SDKs and the mlflow package read them. Address and token stay the same over restarts.
The token opens the workspace to whoever has it: do not pass it on.`;
  static override examples = [
    'eval "$(<%= config.bin %> local env)"',
    { description: 'in the fish shell', command: '<%= config.bin %> local env | source' },
  ];

  protected override async work(): Promise<Outcome<EnvData>> {
    await this.parse(LocalEnv);
    const { host, token } = await this.ensureLocal();
    const data = {
      DATABRICKS_HOST: host,
      DATABRICKS_TOKEN: token,
      MLFLOW_TRACKING_URI: host,
      MLFLOW_TRACKING_TOKEN: token,
    };
    return {
      data,
      text: () =>
        Object.entries(data)
          .map(([name, value]) => `export ${name}='${value}'\n`)
          .join(''),
    };
  }
}
