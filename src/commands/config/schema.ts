import { AirCommand, type Outcome } from '../../lib/cli/command.js';

export default class ConfigSchema extends AirCommand<object> {
  static override reach = 'machine' as const;
  static override summary = 'print the JSON Schema of workload files';
  static override description =
    'Editors check a workload file against the schema when its first line is "# yaml-language-server: $schema=FILE".';
  static override examples = ['<%= config.bin %> config schema > run.schema.json'];

  protected override async work(): Promise<Outcome<object>> {
    await this.parse(ConfigSchema);
    const { workloadSchema } = await import('../../lib/config/fields.js');
    return { data: workloadSchema, text: () => `${JSON.stringify(workloadSchema, undefined, 2)}\n` };
  }
}
