import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { packageRoot } from '../../../package-root.js';

const own = join(packageRoot, 'dist/lib/local/server/pages/assets');
const plots = dirname(createRequire(import.meta.url).resolve('uplot'));

/** Every file that pages load, by name: there is no way to ask for another one. */
const files: Record<string, string> = {
  'page.css': own,
  'icon.svg': own,
  'home.js': own,
  'job-run.js': own,
  'log-view.js': own,
  'ansi.js': own,
  'metrics.js': own,
  'table-sort.js': own,
  'uPlot.esm.js': plots,
  'uPlot.min.css': plots,
};

const types: Record<string, string> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

/** A file of the pages; undefined when there is none of this name. */
export async function asset(name: string): Promise<Response | undefined> {
  const folder = Object.hasOwn(files, name) ? files[name] : undefined;
  if (folder === undefined) return undefined;
  return new Response(new Uint8Array(await readFile(join(folder, name))), {
    headers: {
      'Content-Type': types[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream',
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'no-cache',
    },
  });
}
