import type { Interfaces } from '@oclif/core';
import { lstatSync } from 'node:fs';
import { systemCode } from '../../errors.js';
import type { TextOutput } from '../../io.js';
import { shellWord } from '../../shell-word.js';
import { renderWarning } from '../report.js';
import type { DeclaredPlugin } from './declared.js';

/**
 * Puts what goes wrong while plugins are loaded into one line a fault, with the plugin's name and the way out,
 * in place of the process warnings that oclif emits.
 */
export class LoadReport {
  private readonly faults = new Map<string, string>();
  private others: ((warning: Error) => void)[] = [];
  private isLoaded = false;
  private readonly plugins: readonly DeclaredPlugin[];
  private readonly unreadableList: string | undefined;

  /** Takes the user's plugins, or the file that lists them when it cannot be read. */
  constructor(
    plugins: readonly DeclaredPlugin[] | string,
    private readonly hostName: string,
    private readonly output: TextOutput,
  ) {
    this.plugins = typeof plugins === 'string' ? [] : plugins;
    this.unreadableList = typeof plugins === 'string' ? plugins : undefined;
  }

  /** From here on oclif's warnings about plugins are taken; others are shown as ever. */
  listen(): void {
    this.others = process.listeners('warning');
    process.removeAllListeners('warning');
    process.on('warning', (warning) => {
      if (!this.take(warning)) for (const show of this.others) show(warning);
    });
  }

  /** Shows what was found, once everything is loaded. What comes later is shown as it comes. */
  async show(config: Interfaces.Config): Promise<void> {
    await emitted();
    this.isLoaded = true;
    if (this.unreadableList !== undefined && isThere(this.unreadableList)) {
      const message = `The list of plugins ${this.unreadableList} cannot be read, so no plugin is loaded.`;
      const hint = `To start again without plugins, type: rm ${shellWord(this.unreadableList)}`;
      this.output.write(renderWarning({ message, hint }));
    }
    for (const { name } of this.plugins) {
      const fault = this.faults.get(name);
      if (!config.plugins.has(name)) this.warn(name, `cannot be loaded${fault ? `: ${fault}` : '.'}`);
      else if (fault !== undefined) this.warn(name, `cannot be loaded whole: ${fault}`);
    }
  }

  /** Leaves the process's warnings to whoever had them before. */
  async close(): Promise<void> {
    await emitted();
    process.removeAllListeners('warning');
    for (const listener of this.others) process.on('warning', listener);
  }

  private warn(name: string, what: string): void {
    const hint = `To remove it, type: air plugins uninstall ${name}`;
    this.output.write(renderWarning({ message: `The plugin ${name} ${what}`, hint }));
  }

  /** Whether a warning is one of oclif's about a plugin that the user has added or is adding. */
  private take(warning: Error & { detail?: string }): boolean {
    // About a list that it cannot read, oclif emits the error itself.
    if (this.unreadableList !== undefined && !this.isLoaded && warning.name !== 'Warning') return true;
    const fields = fieldsOf(warning.detail ?? '');
    if (fields.get('module')?.startsWith('@oclif/core@') !== true) return false;
    const given = fields.get('plugin');
    const named =
      this.plugins.find(({ name }) => given === name || warning.message.includes(name))?.name ??
      (this.isLoaded ? given : undefined);
    if (named === undefined || named === this.hostName || named.startsWith('@oclif/')) return false;
    const fault = faultOf(fields.get('message') ?? warning.message);
    // A plugin that is being added is looked at before the next start links it to its host.
    if (this.isLoaded && fault.includes(`'${this.hostName}'`)) return true;
    if (this.faults.has(named)) return true;
    this.faults.set(named, fault);
    if (this.isLoaded) this.warn(named, `cannot be loaded whole: ${fault}`);
    return true;
  }
}

/** Whether there is such a file, readable or not; none is below another file. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (error) {
    return systemCode(error) !== 'ENOTDIR';
  }
}

/** The lines `name: value` of a warning's detail. */
function fieldsOf(detail: string): Map<string, string> {
  return new Map(
    detail.split('\n').map((line): [string, string] => {
      const colon = line.indexOf(': ');
      return [line.slice(0, colon), line.slice(colon + 2)];
    }),
  );
}

/** The first line of a message, without the words that oclif puts before those of Node. */
function faultOf(message: string): string {
  const [line = ''] = message.split('\n');
  return line.replace(/^\[\w+\] (?:import\(\)|require) failed to load \S+: /, '');
}

/** Waits until the warnings that are under way have been emitted. */
function emitted(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
