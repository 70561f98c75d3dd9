import { join } from 'node:path';
import type { Layout } from '../state/layout.js';

/** A path of the workspace with where it lies on this machine. */
export interface Place {
  /** The path as the workspace names it: no trailing slash, `/Workspace` in front of workspace files left out. */
  readonly path: string;
  readonly file: string;
}

/** Where a workspace path (`/Workspace/Users/...`, `/Users/...`) lies; undefined for a path that is none. */
export function workspacePlace(layout: Layout, path: string): Place | undefined {
  const segments = segmentsOf(path);
  if (!segments || segments[0] === 'Volumes') return undefined;
  if (segments[0] === 'Workspace') segments.shift();
  return { path: `/${segments.join('/')}`, file: join(layout.workspaceFiles, ...segments) };
}

/** Where a path of a volume (`/Volumes/catalog/schema/volume/...`) lies; undefined for a path that is none. */
export function volumePlace(layout: Layout, path: string): Place | undefined {
  const segments = segmentsOf(path);
  if (segments?.[0] !== 'Volumes' || segments.length < 4) return undefined;
  return { path: `/${segments.join('/')}`, file: join(layout.volumes, ...segments.slice(1)) };
}

/** The names between the slashes; undefined when one of them could lead out of the folder. */
function segmentsOf(path: string): string[] | undefined {
  if (!path.startsWith('/') || path.includes('\0')) return undefined;
  const segments = path.split('/').filter((segment) => segment !== '');
  return segments.some((segment) => segment === '.' || segment === '..') ? undefined : segments;
}
