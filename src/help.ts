import { CommandHelp, Help, type Command } from '@oclif/core';
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
      { header: 'ENVIRONMENT', generate: () => rows('ENVIRONMENT', environmentRows(reach)) },
      { header: 'EXIT CODES', generate: () => rows('EXIT CODES', exitCodeRows(id, reach)) },
    ];
  }

  /**
   * Arguments and what must be given; the sections below have the rest. The default spells out all flags, and
   * takes those that need or exclude each other apart wrongly.
   */
  protected override defaultUsage(): string {
    const { id, flags, args, strict } = this.command;
    const shown = Object.values(flags).filter(({ hidden }) => !hidden);
    const words = Object.values(args).map(({ name, required, multiple }) => {
      const word = `${name.toUpperCase()}${multiple || strict === false ? '...' : ''}`;
      return required ? word : `[${word}]`;
    });
    const required = shown.filter((flag) => flag.required).map(requiredFlag);
    const rest = shown.length > required.length ? ['[FLAGS]'] : [];
    return [id, ...words, ...required, ...rest].join(' ');
  }
}

/** The help of every command; after `air run -h`, a word names a field of the workload file. */
export default class AirHelp extends Help {
  protected override CommandHelpClass = AirCommandHelp;

  /** Without second names below a command, such as "list runs": its help would end with an empty list of them. */
  protected override get sortedCommands(): Command.Loadable[] {
    return super.sortedCommands.filter(({ id, aliases }) => {
      const isBelowCommand =
        this.config.findCommand(id.slice(0, Math.max(0, id.lastIndexOf(':')))) !== undefined;
      return !(isBelowCommand && aliases.includes(id));
    });
  }

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

function rows(header: string, body: [string, string][]) {
  return { header, body };
}

function requiredFlag(flag: Command.Flag.Any): string {
  const name = flag.char === undefined ? `--${flag.name}` : `-${flag.char}`;
  const value = 'helpValue' in flag && typeof flag.helpValue === 'string' ? flag.helpValue : '<value>';
  return flag.type === 'boolean' ? name : `${name} ${value}`;
}

/** The word after the help flag of `air run`; undefined when there is none. */
function fieldAskedFor(argv: readonly string[]): string | undefined {
  if (argv[0] !== 'run') return undefined;
  const flag = argv.findIndex((word) => word === '-h' || word === '--help');
  const word = flag === -1 ? undefined : argv[flag + 1];
  return word === undefined || word.startsWith('-') ? undefined : word;
}
