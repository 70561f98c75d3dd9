import { AirCommand, Args, type Outcome } from '../../lib/cli/command.js';
import type { FieldHelp } from '../../lib/config/explain.js';

export default class ConfigExplain extends AirCommand<FieldHelp> {
  static override reach = 'machine' as const;
  static override summary = 'explain a field of the workload file';
  static override description =
    'Its meaning, type, default and limits, and the fields below it; air run -h config.FIELD says the same.';
  static override examples = [
    '<%= config.bin %> config explain',
    '<%= config.bin %> config explain compute.num_accelerators',
    '<%= config.bin %> config explain permissions --output json',
  ];
  static override args = {
    path: Args.string({
      name: 'PATH',
      description: 'dotted path of the field [default: the whole file]',
      ignoreStdin: true,
    }),
  };

  protected override async work(): Promise<Outcome<FieldHelp>> {
    const { args } = await this.parse(ConfigExplain);
    const { explainField, renderFieldHelp } = await import('../../lib/config/explain.js');
    const data = explainField(args.path ?? '');
    return { data, text: (width) => renderFieldHelp(data, width) };
  }
}
