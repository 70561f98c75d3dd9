import { AirError } from '../../errors.js';
import { shellWord } from '../../shell-word.js';
import { databricksLogin } from '../login-command.js';
import { runProgram } from '../program.js';
import { redact } from '../redaction.js';
import { fieldVariables } from './configuration.js';
import type { Token } from './renewable.js';

export interface DatabricksCliLogin {
  /** The program, usually `databricks`. */
  program: string;
  host: string;
  profile: string | undefined;
  /** Where host and profile were found, in words. */
  source: string;
  /** Nothing but a host is set, in the environment: a token there would do instead of the login. */
  lacksToken: boolean;
  env: NodeJS.ProcessEnv;
  timeout: number;
  now: () => number;
}

/**
 * Asks the Databricks CLI for the token of its login: it alone can read its store, which may be a keyring of the
 * operating system. Throws UNAUTHENTICATED when the program is missing or wants a new login.
 */
export async function databricksCliToken(login: DatabricksCliLogin, signal: AbortSignal): Promise<Token> {
  const place = login.profile === undefined ? ['--host', login.host] : ['--profile', login.profile];
  const args = ['auth', 'token', ...place, '--output', 'json'];
  const result = await runProgram(login.program, args, {
    env: childEnvironment(login.env),
    timeout: login.timeout,
    signal,
  });
  const again = databricksLogin(login.host, login.profile);
  const who = `${login.source} (databricks-cli)`;
  switch (result.end) {
    case 'missing':
      throw missing(login, who, again);
    case 'late':
      throw new AirError(
        'INTERNAL_ERROR',
        `The Databricks CLI gave no token for ${who} within ${Math.round(login.timeout / 1000)} s.`,
        {
          kind: 'TRANSIENT',
          hint: `See what it waits for: ${[login.program, ...args.slice(0, 4)].map(shellWord).join(' ')}`,
        },
      );
    case 'failed':
      throw refused(result.stderr || result.stdout, login, who, again);
    case 'done':
      return tokenOf(result.stdout, login) ?? unreadable(who, again);
  }
}

/** The child finds its own way by the profile: what we were told by variables must not lead it elsewhere. */
function childEnvironment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const ours = new Set<string>([...Object.values(fieldVariables), 'DATABRICKS_CONFIG_PROFILE']);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !ours.has(name)));
}

const tokenUnset = 'DATABRICKS_HOST is set, but no token';

function missing({ program, lacksToken }: DatabricksCliLogin, who: string, again: string): AirError {
  const install = `install the Databricks CLI (https://docs.databricks.com/dev-tools/cli/install) and type: ${again}`;
  const what = lacksToken ? tokenUnset : `There is no token for ${who}`;
  return new AirError(
    'UNAUTHENTICATED',
    `${what}, and the Databricks CLI cannot be asked for one: there is no program ${JSON.stringify(program)}.`,
    { hint: `Set ${lacksToken ? '' : 'DATABRICKS_HOST and '}DATABRICKS_TOKEN. Or ${install}` },
  );
}

function refused(text: string, login: DatabricksCliLogin, who: string, again: string): AirError {
  const said = redact(text.trim().replace(/^Error:\s*/i, '')).slice(0, 500);
  if (/unknown command|no such command/i.test(said)) {
    return new AirError(
      'UNAUTHENTICATED',
      `The Databricks CLI on this machine is too old to give tokens (${who}).`,
      {
        hint: 'Install a current one: https://docs.databricks.com/dev-tools/cli/install',
      },
    );
  }
  const what = login.lacksToken
    ? `${tokenUnset}, and the Databricks CLI gave none`
    : `The Databricks CLI gave no token for ${who}`;
  const message = `${what}: ${said.replace(/\.?$/, '.') || 'it said nothing.'}`;
  if (
    /no such host|connection refused|i\/o timeout|network is unreachable|TLS handshake timeout/i.test(said)
  ) {
    return new AirError('INTERNAL_ERROR', message, {
      kind: 'TRANSIENT',
      hint: 'Check the network, then try again.',
    });
  }
  return new AirError('UNAUTHENTICATED', message, {
    hint: login.lacksToken ? `Set DATABRICKS_TOKEN. Or log in: ${again}` : `Log in again: ${again}`,
  });
}

function tokenOf(stdout: string, { now }: DatabricksCliLogin): Token | null {
  try {
    const answer = JSON.parse(stdout) as { access_token?: unknown; expiry?: unknown };
    if (typeof answer.access_token !== 'string' || answer.access_token === '') return null;
    const expiry = typeof answer.expiry === 'string' ? Date.parse(answer.expiry) : Number.NaN;
    return {
      value: answer.access_token,
      obtainedAt: now(),
      expiresAt: Number.isNaN(expiry) || expiry <= 0 ? null : expiry,
    };
  } catch {
    return null;
  }
}

function unreadable(who: string, again: string): never {
  throw new AirError('UNAUTHENTICATED', `The Databricks CLI gave no readable token for ${who}.`, {
    hint: `Log in again: ${again}`,
  });
}
