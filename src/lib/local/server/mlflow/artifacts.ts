import type { Context, Hono } from 'hono';
import { Readable } from 'node:stream';
import { AirError } from '../../../errors.js';
import type { ArtifactContent, ArtifactEntry } from '../../store/artifacts.js';
import type { Tracking } from '../../store/tracking.js';
import { endpoint } from './endpoint.js';
import { offsetOf, pageOf } from './paging.js';
import type { RunArtifacts } from './run-artifacts.js';
import { signedArtifactsPath, type SignedAddresses } from './signed-addresses.js';

const proxy = '/api/2.0/mlflow-artifacts';
const pageSize = 1000;

/** Calls on a run's artifacts by the run's id. */
export function runArtifactRoutes(
  app: Hono,
  { runs }: Tracking,
  artifacts: RunArtifacts,
  addresses: SignedAddresses,
): void {
  /** Where a run's artifacts lie on this server. */
  const folderOf = (runId: string) => `${runs.row(runId).experiment_id}/${runId}/artifacts`;

  endpoint(app, 'GET', '/api/2.0/mlflow/artifacts/list', async (fields) => {
    const run = runs.get(fields.runId());
    const path = trimmed(fields.text('path'));
    const offset = offsetOf(fields.text('page_token'));
    const entries = await artifacts.list(joined(folderOf(run.runId), path));
    const { rows, ...rest } = pageOf(entries.slice(offset), pageSize, offset);
    return { root_uri: run.artifactUri, files: rows.map((entry) => wireEntry(path, entry)), ...rest };
  });
  endpoint(app, 'GET', '/api/2.0/mlflow/artifacts/credentials-for-read', (fields, context) => {
    const runId = fields.runId();
    const folder = folderOf(runId);
    const { origin } = new URL(context.req.url);
    return {
      credential_infos: fields.texts('path').map((path) => ({
        run_id: runId,
        path,
        signed_uri: origin + addresses.sign(joined(folder, trimmed(path))),
        headers: [],
        type: 'LOCAL_SIGNED_URI',
      })),
    };
  });
  app.get(`${signedArtifactsPath}/*`, async (context) => {
    const path = pathBelow(context, signedArtifactsPath);
    const { expires = '', signature = '' } = context.req.query();
    if (!addresses.isValid(path, expires, signature)) {
      throw new AirError(
        'PERMISSION_DENIED',
        'This address has expired or is not genuine: ask for a new one.',
      );
    }
    return download(artifacts, path);
  });
}

/** The artifact store behind `mlflow-artifacts:/` addresses. */
export function artifactProxyRoutes(app: Hono, artifacts: RunArtifacts): void {
  const files = `${proxy}/artifacts`;
  app.get(files, async (context) => {
    const entries = await artifacts.list(trimmed(context.req.query('path') ?? ''));
    return context.json({ files: entries.map((entry) => wireEntry('', entry)) });
  });
  app.get(`${files}/*`, (context) => download(artifacts, pathBelow(context, files)));
  app.put(`${files}/*`, async (context) => {
    const { body } = context.req.raw;
    const content = body ? Readable.fromWeb(body) : Readable.from([]);
    await artifacts.write(pathBelow(context, files), content);
    return context.json({});
  });
  app.delete(`${files}/*`, async (context) => {
    await artifacts.remove(pathBelow(context, files));
    return context.json({});
  });
  // The client goes on with a plain upload only after exactly these words.
  app.all(`${proxy}/mpu/*`, () => {
    throw new AirError(
      'NOT_IMPLEMENTED',
      'Multipart upload is not supported for the current artifact repository',
    );
  });
  app.all(`${proxy}/presigned/*`, () => {
    throw new AirError('NOT_IMPLEMENTED', 'Artifacts are downloaded from this server itself.');
  });
}

async function download(artifacts: RunArtifacts, path: string): Promise<Response> {
  const content = await artifacts.open(path);
  if (!content) throw new AirError('NOT_FOUND', `No artifact '${path}'.`);
  return contentResponse(content, {
    'Content-Type': 'application/octet-stream',
    'Content-Disposition': 'attachment',
  });
}

/** Sends an artifact's bytes. A browser neither guesses their kind nor runs what they hold. */
export function contentResponse(content: ArtifactContent, headers: Record<string, string>): Response {
  return new Response(Readable.toWeb(content.stream()) as ReadableStream, {
    headers: {
      'X-Content-Type-Options': 'nosniff',
      'Content-Security-Policy': "default-src 'none'; sandbox",
      ...headers,
      ...(content.size !== undefined && { 'Content-Length': String(content.size) }),
    },
  });
}

/** The decoded path of a request below a prefix. */
export function pathBelow(context: Context, prefix: string): string {
  const { pathname } = new URL(context.req.url);
  try {
    return trimmed(pathname.slice(prefix.length).split('/').map(decodeURIComponent).join('/'));
  } catch {
    throw new AirError('INVALID_ARGS', `Invalid artifact path '${pathname}'.`);
  }
}

function wireEntry(folder: string, { name, isDirectory, size }: ArtifactEntry) {
  return { path: joined(folder, name), is_dir: isDirectory, ...(size !== undefined && { file_size: size }) };
}

function trimmed(path: string): string {
  return path.replace(/^\/+|\/+$/g, '');
}

function joined(folder: string, name: string): string {
  return [folder, name].filter((part) => part !== '').join('/');
}
