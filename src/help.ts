import { Help } from '@oclif/core';
import { dataEnvelope } from './lib/cli/envelope.js';
import { outputFormatOf } from './lib/cli/format.js';

/** The help of every command; after `air run -h`, a word names a field of the workload file. */
export default class AirHelp extends Help {
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

/** The word after the help flag of `air run`; undefined when there is none. */
function fieldAskedFor(argv: readonly string[]): string | undefined {
  if (argv[0] !== 'run') return undefined;
  const flag = argv.findIndex((word) => word === '-h' || word === '--help');
  const word = flag === -1 ? undefined : argv[flag + 1];
  return word === undefined || word.startsWith('-') ? undefined : word;
}
