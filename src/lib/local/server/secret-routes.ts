import { Hono } from 'hono';
import { ApiFailure, invalid } from '../engine/errors.js';
import { bodyOf, requiredText } from './parameters.js';
import type { LocalWorkspace } from './workspace-state.js';

const longestValue = 128 * 1024;

/** Secrets. As on Databricks, a value goes in and is never given out. */
export function secretRoutes({ secrets }: LocalWorkspace): Hono {
  const routes = new Hono();

  routes.get('/scopes/list', (context) =>
    context.json({ scopes: secrets.scopes().map((name) => ({ name, backend_type: 'DATABRICKS' })) }),
  );

  routes.post('/scopes/create', async (context) => {
    const scope = nameOf((await bodyOf(context))['scope'], 'scope');
    if (secrets.hasScope(scope)) {
      throw new ApiFailure(400, 'RESOURCE_ALREADY_EXISTS', `Scope ${scope} already exists!`);
    }
    secrets.createScope(scope, Date.now());
    return context.json({});
  });

  routes.post('/scopes/delete', async (context) => {
    secrets.deleteScope(knownScope((await bodyOf(context))['scope']));
    return context.json({});
  });

  routes.get('/list', (context) => {
    const scope = knownScope(context.req.query('scope'));
    return context.json({
      secrets: secrets.list(scope).map(({ key, updatedAt }) => ({ key, last_updated_timestamp: updatedAt })),
    });
  });

  routes.post('/put', async (context) => {
    const body = await bodyOf(context);
    const scope = knownScope(body['scope']);
    const key = nameOf(body['key'], 'key');
    const value = valueOf(body);
    if (value.length > longestValue) throw invalid(`The value is longer than ${longestValue} bytes.`);
    secrets.put(scope, key, value, Date.now());
    return context.json({});
  });

  routes.post('/delete', async (context) => {
    const body = await bodyOf(context);
    const scope = knownScope(body['scope']);
    const key = requiredText(body['key'], 'key');
    if (!secrets.has(scope, key)) {
      throw new ApiFailure(404, 'RESOURCE_DOES_NOT_EXIST', `Secret ${key} does not exist in scope ${scope}.`);
    }
    secrets.delete(scope, key);
    return context.json({});
  });

  return routes;

  function knownScope(value: unknown): string {
    const scope = requiredText(value, 'scope');
    if (secrets.hasScope(scope)) return scope;
    throw new ApiFailure(404, 'RESOURCE_DOES_NOT_EXIST', `Scope ${scope} does not exist!`);
  }
}

function nameOf(value: unknown, field: string): string {
  const name = requiredText(value, field);
  if (/^[\w.@-]{1,128}$/.test(name)) return name;
  throw invalid(`${field} ${JSON.stringify(name)} must be 1 to 128 letters, digits, "-", "_", "@" or ".".`);
}

function valueOf(body: Record<string, unknown>): Buffer {
  if (typeof body['string_value'] === 'string') return Buffer.from(body['string_value'], 'utf8');
  if (typeof body['bytes_value'] === 'string') return Buffer.from(body['bytes_value'], 'base64');
  throw invalid('Either string_value or bytes_value is required.');
}
