import { systemHost } from '../host.js';
import { renderWarning } from '../report.js';
import { dataDirectory, declaredPlugins, pluginList } from './declared.js';
import { linkHost, type HostPackage } from './host-link.js';
import { LoadReport } from './load-report.js';

/**
 * Prepares the loading of the user's plugins, before oclif loads them: see `linkHost`. Answers who tells what goes
 * wrong with them. Without plugins, and without a command that may add one, nothing is done.
 */
export function preparePlugins(host: HostPackage, argv: readonly string[]): LoadReport | undefined {
  const directory = dataDirectory(systemHost.env);
  const plugins = declaredPlugins(directory);
  if (plugins?.length === 0 && argv[0] !== 'plugins') return undefined;
  const { stderr } = systemHost.io;
  for (const message of linkHost(plugins ?? [], host, directory)) stderr.write(renderWarning({ message }));
  const report = new LoadReport(plugins ?? pluginList(directory), host.name, stderr);
  report.listen();
  return report;
}
