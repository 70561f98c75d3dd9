import type { Context } from '../../src/lib/io.js';
import { openWorkspace, type Target, type Workspace } from '../../src/lib/workspace/index.js';
import { testContext } from './context.js';

/** The client of a target, as a command would open it. */
export function clientOf(target: Target, context: Context = testContext()): Workspace {
  return openWorkspace(target, context, { userAgent: 'air-test' });
}
