import type { Interfaces } from '@oclif/core';
import type { TextOutput } from '../../io.js';
import { renderWarning } from '../report.js';
import type { DeclaredPlugin } from './declared.js';

/**
 * Puts what goes wrong while plugins are loaded into one line a fault, with the plugin's name and the way out,
 * in place of the process warnings that oclif emits.
 */
export class LoadReport {
  private readonly faults = new Map<string, string>();
  private others: ((warning: Error) => void)[] = [];

  constructor(
    private readonly plugins: readonly DeclaredPlugin[],
    private readonly output: TextOutput,
  ) {}

  /** From here on oclif's warnings about plugins are kept; others are shown as ever. */
  listen(): void {
    this.others = process.listeners('warning');
    process.removeAllListeners('warning');
    process.on('warning', (warning) => {
      if (!this.isAboutPlugin(warning)) for (const show of this.others) show(warning);
    });
  }

  /** Shows what was found, once everything is loaded. */
  async show(config: Interfaces.Config): Promise<void> {
    await new Promise((resolve) => setImmediate(resolve));
    process.removeAllListeners('warning');
    for (const listener of this.others) process.on('warning', listener);
    for (const { name } of this.plugins) {
      const fault = this.faults.get(name);
      if (!config.plugins.has(name)) this.warn(name, `cannot be loaded${fault ? `: ${fault}` : '.'}`);
      else if (fault !== undefined) this.warn(name, `cannot be loaded whole: ${fault}`);
    }
  }

  private warn(name: string, what: string): void {
    const hint = `To remove it, type: air plugins uninstall ${name}`;
    this.output.write(renderWarning({ message: `The plugin ${name} ${what}`, hint }));
  }

  private isAboutPlugin(warning: Error & { detail?: string }): boolean {
    const fields = new Map(
      (warning.detail ?? '').split('\n').map((line): [string, string] => {
        const colon = line.indexOf(': ');
        return [line.slice(0, colon), line.slice(colon + 2)];
      }),
    );
    if (fields.get('module')?.startsWith('@oclif/core@') !== true) return false;
    const named = this.plugins.find(
      ({ name }) => fields.get('plugin') === name || warning.message.includes(name),
    );
    if (named === undefined) return false;
    const message = fields.get('message') ?? warning.message;
    this.faults.set(named.name, message.split('\n')[0] ?? '');
    return true;
  }
}
