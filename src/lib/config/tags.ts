import type { DocumentEvent } from 'js-yaml';
import type { Node } from './nodes.js';
import { typeOfTag } from './scalars.js';

const core = 'tag:yaml.org,2002:';

/** What the `%TAG` lines of a document make of the handles of its tags. */
export type TagHandles = Readonly<Record<string, string>>;

export function tagHandlesOf({ directives }: DocumentEvent): TagHandles {
  return Object.fromEntries(
    directives.flatMap((each) => (each.kind === 'tag' ? [[each.handle, each.prefix]] : [])),
  );
}

/** A tag in full, of its written form: `tag:yaml.org,2002:str` of `!!str`. */
export function fullTag(written: string, handles: TagHandles): string {
  if (written.startsWith('!<')) return written.slice(2, -1);
  const handle = /^!(?:[\w-]*!)?/.exec(written)?.[0] ?? '!';
  const prefix = handles[handle] ?? (handle === '!!' ? core : handle);
  return prefix + written.slice(handle.length);
}

/** Whether YAML 1.2 core has this tag for values of this kind. */
export function isCoreTag(tag: string, kind: Node['kind']): boolean {
  if (kind === 'scalar') return typeOfTag(tag) !== undefined;
  return tag === '!' || tag === `${core}${kind === 'mapping' ? 'map' : 'seq'}`;
}
