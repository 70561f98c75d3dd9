import type { Stats } from 'node:fs';
import { readdir, rm, rmdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Hono, type Context } from 'hono';
import { ApiFailure, invalid } from '../engine/errors.js';
import { volumePlace, type Place } from '../store/place.js';
import { makeFolder, receiveFile, sendFile } from './streams.js';
import { decodedRest } from './workspace-routes.js';
import type { LocalWorkspace } from './workspace-state.js';

const filesPrefix = '/api/2.0/fs/files';
const directoriesPrefix = '/api/2.0/fs/directories';
const uploadLimit = 5 * 1024 ** 3;
const longestPage = 1000;

/** The Files API: files and folders of Unity Catalog volumes. */
export function volumeRoutes(workspace: LocalWorkspace): Hono {
  const routes = new Hono();
  const placeOf = (context: Context, prefix: string): Place => {
    const path = decodedRest(context, prefix);
    const place = volumePlace(workspace.layout, path);
    if (!place) throw invalid(`${path} is not a path of a volume (/Volumes/catalog/schema/volume/...).`);
    return place;
  };

  routes.get('/files/*', async (context) => {
    const place = placeOf(context, filesPrefix);
    const found = await existing(place);
    if (found.isDirectory()) throw invalid(`${place.path} is a folder.`);
    context.header('last-modified', found.mtime.toUTCString());
    return sendFile(context, place.file, found.size);
  });

  routes.put('/files/*', async (context) => {
    const place = placeOf(context, filesPrefix);
    const found = await stat(place.file).catch(() => undefined);
    if (found?.isDirectory()) throw invalid(`${place.path} is a folder.`);
    if (found && context.req.query('overwrite') === 'false') {
      throw new ApiFailure(409, 'ALREADY_EXISTS', `The file ${place.path} already exists.`);
    }
    await makeFolder(dirname(place.file));
    await receiveFile(
      context,
      place.file,
      uploadLimit,
      () => new ApiFailure(413, 'INVALID_PARAMETER_VALUE', `The file is larger than ${uploadLimit} bytes.`),
    );
    return context.body(null, 204);
  });

  routes.delete('/files/*', async (context) => {
    const place = placeOf(context, filesPrefix);
    const found = await existing(place);
    if (found.isDirectory()) throw invalid(`${place.path} is a folder.`);
    await rm(place.file);
    return context.body(null, 204);
  });

  routes.put('/directories/*', async (context) => {
    await makeFolder(placeOf(context, directoriesPrefix).file);
    return context.body(null, 204);
  });

  routes.get('/directories/*', async (context) => {
    const place = placeOf(context, directoriesPrefix);
    const found = await existing(place);
    if (!found.isDirectory()) throw notThere(place.path);
    if (context.req.method === 'HEAD') return context.body(null, 200);
    const size = Math.min(Number(context.req.query('page_size') ?? longestPage) || longestPage, longestPage);
    const after = context.req.query('page_token') ?? '';
    const names = (await readdir(place.file))
      .filter((name) => !name.endsWith('.part') && name > after)
      .sort();
    const page = names.slice(0, size);
    const contents = await Promise.all(page.map(async (name) => entryOf(place, name)));
    const last = page.at(-1);
    return context.json({
      contents,
      ...(names.length > size && last !== undefined ? { next_page_token: last } : {}),
    });
  });

  routes.delete('/directories/*', async (context) => {
    const place = placeOf(context, directoriesPrefix);
    if (!(await existing(place)).isDirectory()) throw notThere(place.path);
    try {
      await rmdir(place.file);
    } catch {
      throw new ApiFailure(400, 'DIRECTORY_NOT_EMPTY', `The folder ${place.path} is not empty.`);
    }
    return context.body(null, 204);
  });

  return routes;
}

async function entryOf(place: Place, name: string): Promise<Record<string, unknown>> {
  const stats = await stat(join(place.file, name));
  return {
    path: `${place.path}/${name}`,
    name,
    is_directory: stats.isDirectory(),
    last_modified: Math.floor(stats.mtimeMs),
    ...(stats.isDirectory() ? {} : { file_size: stats.size }),
  };
}

async function existing(place: Place): Promise<Stats> {
  const found = await stat(place.file).catch(() => undefined);
  if (found) return found;
  throw notThere(place.path);
}

function notThere(path: string): ApiFailure {
  return new ApiFailure(404, 'NOT_FOUND', `There is nothing at ${path}.`);
}
