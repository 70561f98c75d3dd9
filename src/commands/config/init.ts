import { AirCommand, Args, Flags, type Outcome } from '../../lib/cli/command.js';
import { parsePath } from '../../lib/cli/flags.js';

interface InitData {
  file: string;
}

export default class ConfigInit extends AirCommand<InitData> {
  static override reach = 'machine' as const;
  static override summary = 'write a commented workload file to start from';
  static override description =
    'The file is valid as it stands; the optional parts of a workload are in it as comments.';
  static override examples = [
    '<%= config.bin %> config init',
    '<%= config.bin %> config init experiments/baseline.yaml',
  ];
  static override args = {
    file: Args.string({
      name: 'FILE',
      description: 'file to write',
      default: 'train.yaml',
      ignoreStdin: true,
    }),
  };
  static override flags = {
    force: Flags.boolean({ summary: 'overwrite a file that is already there' }),
  };

  protected override async work(): Promise<Outcome<InitData>> {
    const { args, flags } = await this.parse(ConfigInit);
    const { writeStarter } = await import('../../lib/config/starter.js');
    const { shellWord } = await import('../../lib/shell-word.js');
    await writeStarter(parsePath(args.file, 'FILE'), { overwrite: flags.force });
    const file = shellWord(args.file);
    const next = `Next:\n  air config check ${file}\n  air run -f ${file} --local --watch   # on this machine\n  air run -f ${file} --watch           # on Databricks\n`;
    return { data: { file: args.file }, text: () => `Wrote ${args.file}.\n${next}` };
  }
}
