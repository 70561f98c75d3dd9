import type { Context } from '../../io.js';
import { AirError } from '../../errors.js';
import type { Target } from '../target.js';

export interface AuthRequest {
  /** `-p/--profile`. */
  profile: string | undefined;
  env: NodeJS.ProcessEnv;
  homeDirectory: string;
  context: Context;
  warn: (warning: { message: string; hint?: string }) => void;
}

/** The workspace that flags, environment and `.databrickscfg` name. Nothing is sent. */
export function resolveTarget(_request: AuthRequest): Promise<Target> {
  throw new AirError('UNAUTHENTICATED', 'No workspace is configured.');
}
