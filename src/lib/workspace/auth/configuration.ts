import { AirError } from '../../errors.js';
import { nearest } from '../../nearest.js';
import { shellWord } from '../../shell-word.js';
import { databricksLogin } from '../login-command.js';
import { readProfiles, settingsSection, type ProfileFile, type Section } from './profiles.js';

/** The configuration fields this program reads, and the environment variable of each. */
export const fieldVariables = {
  host: 'DATABRICKS_HOST',
  token: 'DATABRICKS_TOKEN',
  client_id: 'DATABRICKS_CLIENT_ID',
  client_secret: 'DATABRICKS_CLIENT_SECRET',
  auth_type: 'DATABRICKS_AUTH_TYPE',
  workspace_id: 'DATABRICKS_WORKSPACE_ID',
  databricks_cli_path: 'DATABRICKS_CLI_PATH',
  azure_client_id: 'ARM_CLIENT_ID',
  azure_client_secret: 'ARM_CLIENT_SECRET',
  azure_tenant_id: 'ARM_TENANT_ID',
  azure_environment: 'ARM_ENVIRONMENT',
} as const;

export type Field = keyof typeof fieldVariables;

/** What was configured, from one source: a profile (gaps filled from the environment) or the environment alone. */
export interface Configuration {
  readonly fields: Readonly<Partial<Record<Field, string>>>;
  /** In words: `profile dev of ~/.databrickscfg`. */
  readonly source: string;
  readonly profile?: string;
}

export interface ConfigurationRequest {
  /** `-p/--profile`. */
  profile: string | undefined;
  env: NodeJS.ProcessEnv;
  homeDirectory: string;
  warn: (warning: { message: string; hint?: string }) => void;
}

/** Fields that say who asks: a profile that has one of them takes none from the environment. */
const identityFields: readonly Field[] = [
  'token',
  'client_id',
  'client_secret',
  'auth_type',
  'azure_client_id',
  'azure_client_secret',
  'azure_tenant_id',
];
/** What a profile may take from the environment. Neither a workspace nor a way to authenticate is mixed in. */
const gapFields: readonly Field[] = [
  'token',
  'client_id',
  'client_secret',
  'databricks_cli_path',
  'azure_client_id',
  'azure_client_secret',
  'azure_tenant_id',
  'azure_environment',
];

/**
 * Finds the configuration by the order of the Databricks tools: the profile asked for, `DATABRICKS_CONFIG_PROFILE`,
 * `DATABRICKS_HOST` with its own variables, `default_profile` of `[__settings__]`, `[DEFAULT]`.
 * Throws UNAUTHENTICATED when there is none.
 */
export async function findConfiguration(request: ConfigurationRequest): Promise<Configuration> {
  const environment = fieldsOfEnvironment(request.env);
  const asked = request.profile?.trim() || request.env['DATABRICKS_CONFIG_PROFILE']?.trim();
  if (asked === undefined || asked === '') {
    if (environment.host !== undefined) return { fields: environment, source: sourceOf(environment) };
  }
  const file = await readProfiles(request.env, request.homeDirectory);
  const name = asked || defaultProfileOf(file);
  if (name === undefined) throw nothingConfigured(file, environment);
  const section = file.sections.get(name);
  if (section === undefined || name === settingsSection) throw unknownProfile(name, file, !asked);
  warnOfReaders(file, section, request.warn);
  return {
    fields: withGapsFilled(fieldsOfSection(section), environment),
    source: `profile ${name} of ${file.label}`,
    profile: name,
  };
}

function fieldsOfEnvironment(env: NodeJS.ProcessEnv): Partial<Record<Field, string>> {
  return fieldsBy((field) => env[fieldVariables[field]]);
}

function fieldsOfSection(section: Section): Partial<Record<Field, string>> {
  return fieldsBy((field) => section[field]);
}

function fieldsBy(read: (field: Field) => string | undefined): Partial<Record<Field, string>> {
  const fields: Partial<Record<Field, string>> = {};
  for (const field of Object.keys(fieldVariables) as Field[]) {
    const value = read(field)?.trim();
    if (value) fields[field] = value;
  }
  return fields;
}

function sourceOf(environment: Partial<Record<Field, string>>): string {
  const used = (['host', ...identityFields] as const).filter((field) => environment[field] !== undefined);
  return `the environment (${used.map((field) => fieldVariables[field]).join(', ')})`;
}

/** A secret of the environment goes to the profile's host only if the environment names no other host. */
function withGapsFilled(
  profile: Partial<Record<Field, string>>,
  environment: Partial<Record<Field, string>>,
): Partial<Record<Field, string>> {
  const host = profile.host ?? environment.host;
  const sameHost = environment.host === undefined || environment.host === host;
  const filled = host === undefined ? { ...profile } : { ...profile, host };
  if (!sameHost || identityFields.some((field) => profile[field] !== undefined)) return filled;
  for (const field of gapFields) {
    const value = environment[field];
    if (value !== undefined) filled[field] ??= value;
  }
  return filled;
}

function defaultProfileOf(file: ProfileFile): string | undefined {
  const chosen = file.sections.get(settingsSection)?.['default_profile'];
  if (chosen) return chosen;
  return file.sections.get('DEFAULT')?.['host'] ? 'DEFAULT' : undefined;
}

/** Stands for a host that we do not know. */
const somewhere = 'https://<your-workspace>';

function nothingConfigured(file: ProfileFile, environment: Partial<Record<Field, string>>): AirError {
  const profiles = [...file.sections.keys()].filter((name) => name !== settingsSection);
  const inFile = !file.exists
    ? `${file.label} does not exist`
    : profiles.length === 0
      ? `${file.label} has no profile`
      : `${file.label} has no default profile`;
  const lone = environment.token === undefined ? '' : ' (DATABRICKS_TOKEN is set, but names no host)';
  const variables = 'set DATABRICKS_HOST and DATABRICKS_TOKEN';
  const choose =
    profiles.length === 0
      ? `${variables}, or log in: ${databricksLogin(somewhere, undefined)}`
      : `choose a profile: --profile ${shellWord(profiles[0] ?? '')}${profiles.length > 1 ? ` (also: ${profiles.slice(1, 6).join(', ')})` : ''}, or ${variables}.`;
  return new AirError(
    'UNAUTHENTICATED',
    `No workspace is configured: --profile, DATABRICKS_CONFIG_PROFILE and DATABRICKS_HOST are not set${lone}, and ${inFile}.`,
    { hint: `Without an account: add --local to use the workspace on this machine. With one: ${choose}` },
  );
}

function unknownProfile(name: string, file: ProfileFile, byDefault: boolean): AirError {
  const names = [...file.sections.keys()].filter((other) => other !== settingsSection);
  const missing = file.exists
    ? `${file.label} has no profile ${JSON.stringify(name)}`
    : `There is no profile ${JSON.stringify(name)}: ${file.label} does not exist`;
  const why = byDefault ? ' ([__settings__] names it as default_profile)' : '';
  const near = nearest(name, names);
  const hint =
    near !== null
      ? `Did you mean --profile ${shellWord(near)}?`
      : names.length > 0
        ? `It has: ${names.slice(0, 10).join(', ')}.`
        : `Make it: ${databricksLogin(somewhere, name)}`;
  return new AirError('UNAUTHENTICATED', `${missing}${why}.`, { hint });
}

function warnOfReaders(file: ProfileFile, section: Section, warn: ConfigurationRequest['warn']): void {
  const secrets = ['token', 'client_secret', 'azure_client_secret', 'password'];
  if (!file.readableByOthers || !secrets.some((field) => section[field])) return;
  warn({
    message: `${file.label} holds secrets and other users of this machine can read it.`,
    hint: `Type: chmod 600 ${shellWord(file.path)}`,
  });
}
