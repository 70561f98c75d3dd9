import { CommandHelp, Help } from '@oclif/core';
import { dataEnvelope } from './lib/cli/envelope.js';
import { outputFormatOf } from './lib/cli/format.js';
import { environmentRows, exitCodeRows } from './lib/cli/help-sections.js';

/** A command's help, with its environment variables and exit codes when it is one of ours or built on ours. */
class AirCommandHelp extends CommandHelp {
  protected override sections() {
    const sections = super.sections();
    const { id, reach } = this.command as { id: string; reach?: 'workspace' | 'machine' };
    if (reach === undefined) return sections;
    return [
      ...sections,
      { header: 'ENVIRONMENT', generate: () => aligned(environmentRows(reach)) },
      { header: 'EXIT CODES', generate: () => aligned(exitCodeRows(id, reach)) },
    ];
  }
}

/** The help of every command; after `air run -h`, a word names a field of the workload file. */
export default class AirHelp extends Help {
  protected override CommandHelpClass = AirCommandHelp;

  override async showHelp(argv: string[]): Promise<void> {
    const path = fieldAskedFor(argv);
    if (path === undefined) {
      await super.showHelp(argv);
      return;
    }
    const { explainField, renderFieldHelp } = await import('./lib/config/explain.js');
    const help = explainField(path);
    const isJson = outputFormatOf(argv, process.env) === 'json';
    const width = process.stdout.isTTY ? process.stdout.columns : undefined;
    this.log(
      isJson
        ? JSON.stringify(dataEnvelope(Date.now(), help), undefined, 2)
        : renderFieldHelp(help, width).trimEnd(),
    );
  }
}

function aligned(rows: readonly [string, string][]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, what]) => `${name.padEnd(width)}  ${what}`).join('\n');
}

/** The word after the help flag of `air run`; undefined when there is none. */
function fieldAskedFor(argv: readonly string[]): string | undefined {
  if (argv[0] !== 'run') return undefined;
  const flag = argv.findIndex((word) => word === '-h' || word === '--help');
  const word = flag === -1 ? undefined : argv[flag + 1];
  return word === undefined || word.startsWith('-') ? undefined : word;
}
