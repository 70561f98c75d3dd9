import type { Workspace } from '../workspace/index.js';

/**
 * The id that dashboard links carry, from the configuration or else from the workspace. Null when neither says:
 * a link without it still leads there, so nothing fails for it.
 */
export async function workspaceIdOf(workspace: Workspace): Promise<string | null> {
  if (workspace.target.workspaceId) return workspace.target.workspaceId;
  try {
    return (await workspace.me()).workspaceId;
  } catch {
    return null;
  }
}
