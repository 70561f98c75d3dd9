import type { Context, Hono } from 'hono';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { AirError } from '../../../errors.js';
import { parseLosslessJson } from '../../../workspace/json.js';
import { Fields } from './fields.js';

/** Answers one MLflow call: reads its fields from the query (GET) or the body, and sends what `work` returns. */
export function endpoint(
  app: Hono,
  method: 'GET' | 'POST' | 'PATCH',
  path: string,
  work: (fields: Fields, context: Context) => object | Promise<object>,
): void {
  app.on(method, path, async (context) => {
    const fields = new Fields(method === 'GET' ? queryOf(context) : await bodyOf(context));
    return context.json(await work(fields, context));
  });
}

/** An error of the store in the shape and with the codes of the Databricks API. */
export function failure(context: Context, error: Error): Response {
  if (!(error instanceof AirError)) throw error;
  const [status, code] = statusOf(error);
  return context.json({ error_code: code, message: error.message }, status);
}

function statusOf(error: AirError): [ContentfulStatusCode, string] {
  switch (error.code) {
    case 'NOT_FOUND':
      return [404, 'RESOURCE_DOES_NOT_EXIST'];
    case 'CONFLICT':
      return [400, 'RESOURCE_ALREADY_EXISTS'];
    case 'INVALID_ARGS':
      return [400, 'INVALID_PARAMETER_VALUE'];
    case 'PERMISSION_DENIED':
      return [403, 'PERMISSION_DENIED'];
    case 'NOT_IMPLEMENTED':
      return [501, 'NOT_IMPLEMENTED'];
    default:
      return [500, 'INTERNAL_ERROR'];
  }
}

function queryOf(context: Context): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(context.req.queries()).map(([name, values]) => [
      name,
      values.length === 1 ? values[0] : values,
    ]),
  );
}

async function bodyOf(context: Context): Promise<Record<string, unknown>> {
  const text = await context.req.text();
  if (text === '') return {};
  let body: unknown;
  try {
    body = parseLosslessJson(text);
  } catch {
    throw new AirError('INVALID_ARGS', 'The request body is not JSON.');
  }
  if (body === null || typeof body !== 'object' || Array.isArray(body)) {
    throw new AirError('INVALID_ARGS', 'The request body is not a JSON object.');
  }
  return body as Record<string, unknown>;
}
