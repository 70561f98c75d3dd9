import type { Interfaces } from '@oclif/core';

/** The plugin, other than oclif's own, whose command these words call; undefined for a command of ours. */
export function commandPlugin(argv: readonly string[], config: Interfaces.Config): string | undefined {
  const end = argv.findIndex((word) => word.startsWith('-'));
  const words = end === -1 ? argv : argv.slice(0, end);
  for (let count = words.length; count > 0; count--) {
    const command = config.findCommand(words.slice(0, count).join(':'));
    if (command) return foreignPlugin(command.pluginName, config);
  }
  return undefined;
}

/** The name of a plugin that the user has added; undefined for a part of this program. */
export function foreignPlugin(name: string | undefined, config: Interfaces.Config): string | undefined {
  const type = name === undefined ? undefined : config.plugins.get(name)?.type;
  return type === 'user' || type === 'link' ? name : undefined;
}
