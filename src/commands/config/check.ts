import { AirCommand, Args, type Outcome } from '../../lib/cli/command.js';
import { detailOf, type Warning } from '../../lib/cli/envelope.js';
import { LaunchHooks } from '../../lib/cli/plugins/hooks.js';

interface CheckData {
  files: { file: string; warnings: Warning[] }[];
}

export default class ConfigCheck extends AirCommand<CheckData> {
  static override reach = 'machine' as const;
  static override summary = 'find every problem of workload files, without running anything';
  static override description =
    'Exit code 0 when every file is valid, 2 when one is not. Nothing is sent anywhere.';
  static override examples = [
    '<%= config.bin %> config check train.yaml',
    '<%= config.bin %> config check experiments/*.yaml --output json',
  ];
  static override strict = false;
  static override args = {
    file: Args.string({
      name: 'FILE...',
      description: 'workload files to check',
      required: true,
      ignoreStdin: true,
    }),
  };

  protected override async work(): Promise<Outcome<CheckData>> {
    const { argv } = await this.parse(ConfigCheck);
    const { checkFiles } = await import('../../lib/config/check.js');
    const { codeCheckOf } = await import('../../lib/cli/workload-file.js');
    const { overrideLine } = await import('../../lib/cli/views/submission.js');
    const hooks = new LaunchHooks(this.config, {
      signal: this.signal,
      warn: (warning) => this.addWarning(warning),
    });
    const files = await checkFiles(argv as string[], {
      amend: (file, draft) => hooks.amend(file, draft),
      checkCode: codeCheckOf(this.host, this.context),
    });
    for (const { file, overrides } of files)
      for (const change of overrides) this.note(`${file}: ${overrideLine(change)}`);
    if (!this.json) for (const { warnings } of files) warnings.forEach((warning) => this.addWarning(warning));
    const data = {
      files: files.map(({ file, warnings }) => ({ file, warnings: warnings.map((each) => detailOf(each)) })),
    };
    return { data, text: () => files.map(({ file }) => `${file}: valid\n`).join('') };
  }
}
