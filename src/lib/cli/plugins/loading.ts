import type { Interfaces } from '@oclif/core';
import { systemHost } from '../host.js';
import { renderWarning } from '../report.js';
import { dataDirectory, declaredPlugins } from './declared.js';
import type { HostPackage } from './host-link.js';

/**
 * Prepares the loading of the user's plugins, before oclif loads them: see `linkHost`. Answers what to do once
 * they are loaded. Without plugins nothing is done.
 */
export async function preparePlugins(
  host: HostPackage,
): Promise<((config: Interfaces.Config) => Promise<void>) | undefined> {
  const directory = dataDirectory(systemHost.env);
  const plugins = declaredPlugins(directory);
  if (plugins.length === 0) return undefined;
  const [{ linkHost }, { LoadReport }] = await Promise.all([
    import('./host-link.js'),
    import('./load-report.js'),
  ]);
  const { stderr } = systemHost.io;
  for (const message of linkHost(plugins, host, directory)) stderr.write(renderWarning({ message }));
  const report = new LoadReport(plugins, stderr);
  report.listen();
  return (config) => report.show(config);
}
