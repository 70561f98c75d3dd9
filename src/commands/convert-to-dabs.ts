import { dirname } from 'node:path';
import { AirCommand, Args, Flags, type Outcome } from '../lib/cli/command.js';
import { parsePath } from '../lib/cli/flags.js';
import type { Warning } from '../lib/cli/envelope.js';
import { LaunchHooks } from '../lib/cli/plugins/hooks.js';
import { shellWord } from '../lib/shell-word.js';

interface BundleData {
  directory: string;
  files: readonly string[];
  job_key: string;
  /** What to type next, in the bundle's folder. */
  commands: string[];
}

export default class ConvertToDabs extends AirCommand<BundleData> {
  static override reach = 'machine' as const;
  static override summary = 'write a workload as a Databricks Asset Bundle';
  static override description = [
    'A bundle makes a job that stays: it can be scheduled, reviewed, and deployed by others.',
    'Everything is checked before the first file is written. Nothing is sent anywhere.',
  ].join('\n');
  static override examples = [
    '<%= config.bin %> convert-to-dabs train.yaml',
    '<%= config.bin %> convert-to-dabs train.yaml --output-dir bundle --override max_retries=0 --force',
  ];
  static override args = {
    file: Args.string({
      name: 'FILE',
      description: 'the workload file',
      required: true,
      ignoreStdin: true,
    }),
  };
  static override flags = {
    'output-dir': Flags.string({
      summary: "where to write the bundle [default: the workload file's folder]",
      helpValue: 'FOLDER',
    }),
    override: Flags.string({
      summary: 'set a field of the file, as PATH=VALUE; can be given several times',
      multiple: true,
      multipleNonGreedy: true,
      helpValue: 'PATH=VALUE',
    }),
    force: Flags.boolean({ summary: 'overwrite the bundle that is there' }),
  };

  protected override async work(): Promise<Outcome<BundleData>> {
    const { args, flags } = await this.parse(ConvertToDabs);
    const file = parsePath(args.file, 'FILE');
    const directory = parsePath(flags['output-dir'] ?? dirname(file), '--output-dir');
    const warn = (warning: Warning) => this.addWarning(warning);
    const hooks = new LaunchHooks(this.config, { signal: this.signal, warn });
    const { readWorkload } = await import('../lib/cli/workload-file.js');
    const { host, context } = this;
    const loaded = await readWorkload(file, flags.override ?? [], { host, context, hooks, warn });
    const { writeBundle } = await import('../lib/bundle/index.js');
    const { files, jobKey, warnings } = await writeBundle(loaded, {
      directory,
      overwrite: flags.force,
      env: this.host.env,
      runtimeImage: this.host.env['DATABRICKS_DL_RUNTIME_IMAGE'],
    });
    for (const message of warnings) warn({ message });
    const commands = [
      'databricks bundle validate',
      'databricks bundle deploy',
      `databricks bundle run --no-wait ${jobKey}`,
    ];
    const data = { directory, files, job_key: jobKey, commands };
    return { data, text: () => bundleText(data) };
  }
}

function bundleText({ directory, files, commands }: BundleData): string {
  const enter = directory === '.' ? [] : [`cd ${shellWord(directory)}`];
  return [
    `Wrote a Databricks Asset Bundle to ${directory}:`,
    ...files.map((file) => `  ${file}`),
    '',
    'Next:',
    ...[...enter, ...commands].map((command) => `  ${command}`),
    '',
    'The deployed job stays until you type: databricks bundle destroy',
    'Where it is: databricks bundle summary',
    '',
  ].join('\n');
}
