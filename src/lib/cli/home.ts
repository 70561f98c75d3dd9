import { userInfo, type UserInfo } from 'node:os';
import { isAbsolute } from 'node:path';
import { AirError } from '../errors.js';

/**
 * Sees to it that `HOME` and `SHELL` say something, as the framework and everything that keeps files for the user
 * expect. In containers both may be missing, and the user may be a bare number that the user database does not know.
 */
export function settleHome(env: NodeJS.ProcessEnv): void {
  const home = env['HOME'] || known()?.homedir;
  if (!home || !isAbsolute(home)) throw homeless(home);
  env['HOME'] = home;
  env['SHELL'] ||= known()?.shell ?? '/bin/sh';
}

/** What the user database says. */
function known(): UserInfo<string> | undefined {
  try {
    return userInfo();
  } catch {
    return undefined;
  }
}

function homeless(home: string | undefined): AirError {
  const message = home
    ? `HOME must be a full path, and is ${JSON.stringify(home)}.`
    : `There is no place for your files: HOME is not set, and user ${process.getuid?.() ?? 'of this process'} has no home folder.`;
  return new AirError('INVALID_CONFIG', message, {
    hint: 'Set it to a folder that you may write to: export HOME=/path/to/folder',
  });
}
