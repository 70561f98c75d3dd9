import { createHash } from 'node:crypto';
import { readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import type { Stats } from 'node:fs';
import { dirname, join } from 'node:path';
import { Hono, type Context } from 'hono';
import type { WorkspaceObject } from '../../workspace/contract/index.js';
import { ApiFailure, invalid } from '../engine/errors.js';
import { workspacePlace, type Place } from '../store/place.js';
import { bodyOf, flagOf, requiredText } from './parameters.js';
import { fileFailure, makeFolder, receiveFile, sendFile } from './streams.js';
import type { LocalWorkspace } from './workspace-state.js';

/** As on Databricks: the classic import takes 10 MB, the import of files 500 MB. */
const importLimit = 10 * 1024 * 1024;
const importFileLimit = 500 * 1024 * 1024;
const importFilePrefix = '/api/2.0/workspace-files/import-file/';

/** Workspace files: folders and plain files below `/Workspace`. */
export function workspaceRoutes(workspace: LocalWorkspace): Hono {
  const routes = new Hono();
  const placeOf = (path: string): Place => {
    const place = workspacePlace(workspace.layout, path);
    if (!place) throw invalid(`Path (${path}) is not a path of the workspace.`);
    return place;
  };

  routes.post('/workspace/mkdirs', async (context) => {
    const place = placeOf(requiredText((await bodyOf(context))['path'], 'path'));
    if ((await statOf(place))?.isFile()) throw alreadyThere(place.path);
    await makeFolder(place.file);
    return context.json({});
  });

  routes.get('/workspace/get-status', async (context) => {
    const place = placeOf(requiredText(context.req.query('path'), 'path'));
    return context.json(objectOf(place.path, await existing(place)));
  });

  routes.get('/workspace/list', async (context) => {
    const place = placeOf(requiredText(context.req.query('path'), 'path'));
    const found = await existing(place);
    if (!found.isDirectory()) return context.json({ objects: [objectOf(place.path, found)] });
    const names = (await readdir(place.file)).filter((name) => !name.endsWith('.part')).sort();
    const objects = await Promise.all(
      names.map(async (name) =>
        objectOf(`${place.path === '/' ? '' : place.path}/${name}`, await stat(join(place.file, name))),
      ),
    );
    return context.json(objects.length === 0 ? {} : { objects });
  });

  routes.post('/workspace/import', async (context) => {
    const body = await bodyOf(context);
    const place = placeOf(requiredText(body['path'], 'path'));
    const content = Buffer.from(typeof body['content'] === 'string' ? body['content'] : '', 'base64');
    if (content.length > importLimit) {
      throw new ApiFailure(
        400,
        'MAX_NOTEBOOK_SIZE_EXCEEDED',
        `The content is larger than ${importLimit} bytes.`,
      );
    }
    await readyForFile(place, body['overwrite'] === true);
    try {
      await writeFile(place.file, content, { mode: 0o600 });
    } catch (error) {
      throw fileFailure(error);
    }
    return context.json({});
  });

  routes.post('/workspace-files/import-file/*', async (context) => {
    const path = decodedRest(context, importFilePrefix);
    const place = placeOf(path.startsWith('/') ? path : `/${path}`);
    await readyForFile(place, flagOf(context, 'overwrite'));
    await receiveFile(
      context,
      place.file,
      importFileLimit,
      () =>
        new ApiFailure(400, 'MAX_FILE_SIZE_EXCEEDED', `The file is larger than ${importFileLimit} bytes.`),
    );
    return context.json({});
  });

  routes.get('/workspace/export', async (context) => {
    const place = placeOf(requiredText(context.req.query('path'), 'path'));
    const found = await existing(place);
    if (found.isDirectory()) throw invalid(`Path (${place.path}) is a folder; only files can be exported.`);
    if (flagOf(context, 'direct_download')) return sendFile(context, place.file, found.size);
    if (found.size > importLimit) {
      throw new ApiFailure(
        400,
        'MAX_NOTEBOOK_SIZE_EXCEEDED',
        `The file is larger than ${importLimit} bytes.`,
      );
    }
    return context.json({ content: (await readFile(place.file)).toString('base64'), file_type: 'file' });
  });

  routes.post('/workspace/delete', async (context) => {
    const body = await bodyOf(context);
    const place = placeOf(requiredText(body['path'], 'path'));
    const found = await existing(place);
    if (place.path === '/') throw invalid('The root of the workspace cannot be deleted.');
    if (found.isDirectory() && body['recursive'] !== true && (await readdir(place.file)).length > 0) {
      throw new ApiFailure(400, 'DIRECTORY_NOT_EMPTY', `Folder (${place.path}) is not empty.`);
    }
    await rm(place.file, { recursive: true });
    return context.json({});
  });

  return routes;

  /** Sees to it that a file can be written there. */
  async function readyForFile(place: Place, overwrite: boolean): Promise<void> {
    const parent = await stat(dirname(place.file)).catch(() => undefined);
    if (!parent?.isDirectory()) {
      throw new ApiFailure(
        404,
        'RESOURCE_DOES_NOT_EXIST',
        `The parent folder (${dirname(place.path)}) does not exist.`,
      );
    }
    const found = await statOf(place);
    if (found?.isDirectory()) throw invalid(`Path (${place.path}) is a folder.`);
    if (found && !overwrite) throw alreadyThere(place.path);
  }
}

/** The percent-decoded path behind a prefix, which may itself come with its slashes escaped. */
export function decodedRest(context: Context, prefix: string): string {
  const raw = new URL(context.req.url).pathname.slice(prefix.length);
  try {
    return decodeURIComponent(raw);
  } catch {
    throw invalid('The path is not well-formed.');
  }
}

async function statOf(place: Place): Promise<Stats | undefined> {
  return stat(place.file).catch(() => undefined);
}

async function existing(place: Place): Promise<Stats> {
  const found = await statOf(place);
  if (found) return found;
  throw new ApiFailure(404, 'RESOURCE_DOES_NOT_EXIST', `Path (${place.path}) doesn't exist.`);
}

function alreadyThere(path: string): ApiFailure {
  return new ApiFailure(400, 'RESOURCE_ALREADY_EXISTS', `Path (${path}) already exists.`);
}

function objectOf(path: string, stats: Stats): WorkspaceObject & Record<string, unknown> {
  const id = Number(BigInt(`0x${createHash('sha256').update(path).digest('hex').slice(0, 13)}`));
  return {
    object_type: stats.isDirectory() ? 'DIRECTORY' : 'FILE',
    path,
    object_id: id,
    resource_id: String(id),
    ...(stats.isDirectory()
      ? {}
      : {
          size: stats.size,
          created_at: Math.floor(stats.birthtimeMs),
          modified_at: Math.floor(stats.mtimeMs),
        }),
  };
}
