import { AirError } from '../errors.js';
import { invalidConfig } from '../config/problem.js';
import type { LoadedConfig } from '../config/types.js';
import type { ValidationRequest } from '../workspace/contract/index.js';
import { ApiError, type Workspace } from '../workspace/index.js';

const preflightTimeout = 5_000;

/**
 * Asks the server to check the workload, once and for at most five seconds.
 * @returns a warning when the check is not to be had (that never blocks a submission), else null
 * @throws AirError INVALID_CONFIG with the server's findings at their places in the file
 */
export async function preflight(
  workspace: Workspace,
  request: ValidationRequest,
  loaded: Pick<LoadedConfig, 'diagnose'>,
): Promise<string | null> {
  let errors;
  try {
    const answer = await workspace.training.validate(request, {
      retry: 'never',
      timeout: preflightTimeout,
      budget: preflightTimeout,
    });
    errors = Array.isArray(answer.errors) ? answer.errors : [];
  } catch (error) {
    if (!isUnavailable(error)) throw error;
    return 'The workspace could not check the configuration beforehand; it will be checked when the run starts.';
  }
  if (errors.length === 0) return null;
  const problems = errors.map(({ path, message, hint }) => ({
    path: path ?? '',
    message: message?.trim() || 'The workspace refuses this value.',
    hint,
  }));
  throw invalidConfig('The workspace refuses this configuration', loaded.diagnose(problems, 'server'));
}

/** Whether the check itself could not be had, as opposed to: it answered, or we may not ask. */
function isUnavailable(error: unknown): boolean {
  if (error instanceof ApiError) {
    return (
      error.code === 'FEATURE_DISABLED' || [404, 408, 429, 501].includes(error.status) || error.status >= 500
    );
  }
  return error instanceof AirError && error.code === 'INTERNAL_ERROR' && error.exitCode < 128;
}
