import { Hono, type Context } from 'hono';
import type { AccessControl } from '../../workspace/contract/index.js';
import { ApiFailure, invalid } from '../engine/errors.js';
import type { PermissionStore } from '../store/permissions.js';
import { bodyOf } from './parameters.js';
import type { LocalWorkspace } from './workspace-state.js';

/** Identity, permissions, usage policies, and what a workspace on this machine cannot have. */
export function platformRoutes(workspace: LocalWorkspace, permissions: PermissionStore): Hono {
  const routes = new Hono();
  const { userName, workspaceId } = workspace;

  routes.get('/.well-known/databricks-config', (context) =>
    context.json({ workspace_id: workspaceId, oidc_endpoint: `${workspace.host()}/oidc` }),
  );

  routes.get('/api/2.0/preview/scim/v2/Me', (context) =>
    context.json({
      schemas: ['urn:ietf:params:scim:schemas:core:2.0:User'],
      id: workspaceId,
      userName,
      displayName: userName.replace(/@local$/, ''),
      active: true,
      emails: [{ type: 'work', value: userName, primary: true }],
      groups: [],
    }),
  );

  routes.get('/api/2.0/serverless-policies', (context) => context.json({ policies: [] }));

  routes.all('/api/2.0/ai-compute-manager/*', () => {
    throw new ApiFailure(
      400,
      'FEATURE_DISABLED',
      'The local workspace has no image registry: it runs commands on this machine itself.',
    );
  });

  for (const [plural, type] of [
    ['jobs', 'job'],
    ['experiments', 'experiment'],
  ] as const) {
    const path = `/api/2.0/permissions/${plural}/:id`;
    routes.get(path, (context) => context.json(permissionsOf(plural, type, context.req.param('id') ?? '')));
    routes.patch(path, (context) => change(context, plural, type, 'add'));
    routes.put(path, (context) => change(context, plural, type, 'replace'));
  }

  return routes;

  async function change(
    context: Context,
    plural: string,
    type: string,
    how: 'add' | 'replace',
  ): Promise<Response> {
    const id = context.req.param('id') ?? '';
    const list = (await bodyOf(context))['access_control_list'];
    if (list !== undefined && !Array.isArray(list)) throw invalid('access_control_list must be a list.');
    permissions.change(type, id, (list ?? []) as AccessControl[], how);
    return context.json(permissionsOf(plural, type, id));
  }

  function permissionsOf(plural: string, type: string, id: string): object {
    const owner = { user_name: userName, permission_level: type === 'job' ? 'IS_OWNER' : 'CAN_MANAGE' };
    return {
      object_id: `/${plural}/${id}`,
      object_type: type === 'job' ? 'job' : 'mlflowExperiment',
      access_control_list: [owner, ...permissions.list(type, id)].map(
        ({ permission_level, ...principal }) => ({
          ...principal,
          all_permissions: [{ permission_level, inherited: false }],
        }),
      ),
    };
  }
}
