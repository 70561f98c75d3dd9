import type { AirCommand } from './command.js';

type Reach = typeof AirCommand.reach;

/** Of the commands that stay on this machine: those that look for nothing that could be missing. */
const findsEverything = new Set([
  'config:explain',
  'config:init',
  'config:schema',
  'gpus',
  'local:env',
  'local:open',
  'local:reset',
  'local:secrets:list',
  'local:secrets:put',
  'local:start',
  'local:status',
  'local:stop',
  'version',
]);
/** Of the commands that stay on this machine: those that ask the local workspace for more than that it runs. */
const asksLocalWorkspace = new Set([
  'local:reset',
  'local:secrets:delete',
  'local:secrets:list',
  'local:secrets:put',
  'local:status',
  'local:stop',
]);

/** Exit codes of a command, for its help. */
export function exitCodeRows(id: string, reach: Reach): [string, string][] {
  const verdict = ['run', 'logs', 'wait'].includes(id);
  return [
    ['0', verdict ? 'done; for a run followed to its end: it succeeded' : 'done'],
    ...row(verdict, '1', 'the run ended without success'),
    ['2', 'wrong usage or invalid configuration'],
    ...row(id === 'wait', '3', 'still running when the time was up'),
    ...row(reach === 'workspace', '4', 'not authenticated, or not permitted'),
    ...row(!findsEverything.has(id), '5', 'not found'),
    ...row(
      reach === 'workspace' || asksLocalWorkspace.has(id),
      '6',
      'a failure that may pass: network, overload',
    ),
    ['7', 'any other failure'],
    ['130', 'interrupted (143: terminated)'],
  ];
}

/** Environment variables that a command reads, for its help. */
export function environmentRows(reach: Reach): [string, string][] {
  const workspace = reach === 'workspace';
  return [
    ...row(workspace, 'DATABRICKS_CONFIG_PROFILE', 'profile to use when --profile is not given'),
    ...row(workspace, 'DATABRICKS_CONFIG_FILE', 'file of profiles [default: ~/.databrickscfg]'),
    ...row(workspace, 'DATABRICKS_HOST', 'workspace to use, with DATABRICKS_TOKEN or other credentials'),
    ['DATABRICKS_OUTPUT_FORMAT', 'output format when --output is not given'],
    ['NO_COLOR', 'no colours when set'],
  ];
}

function row(shown: boolean, name: string, what: string): [string, string][] {
  return shown ? [[name, what]] : [];
}
