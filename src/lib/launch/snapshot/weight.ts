/** A file, or a folder (its path ends in `/`) with all that lies below it. */
export interface WeighedPath {
  readonly path: string;
  readonly bytes: number;
}

/** A child this heavy stands for its folder: it says more precisely where the bytes are. */
const dominance = 0.9;

/**
 * The heaviest places of a tree, none inside another: the top-level files and folders, a folder whose weight
 * lies almost wholly in one child being shown as that child.
 */
export function heaviestPaths(files: readonly WeighedPath[], limit: number): WeighedPath[] {
  const children = new Map<string, Map<string, number>>();
  const add = (folder: string, path: string, bytes: number) => {
    const known = children.get(folder) ?? new Map<string, number>();
    known.set(path, (known.get(path) ?? 0) + bytes);
    children.set(folder, known);
  };
  for (const { path, bytes } of files) {
    for (let start = 0; ;) {
      const slash = path.indexOf('/', start);
      const folder = path.slice(0, start);
      add(folder, slash < 0 ? path : path.slice(0, slash + 1), bytes);
      if (slash < 0) break;
      start = slash + 1;
    }
  }
  const heaviest = (folder: string) =>
    [...(children.get(folder) ?? [])].map(([path, bytes]) => ({ path, bytes })).sort(byWeight);
  return heaviest('')
    .slice(0, limit)
    .map((top) => {
      let place = top;
      for (let child = heaviest(place.path)[0]; child !== undefined; child = heaviest(place.path)[0]) {
        if (child.bytes < dominance * place.bytes || place.bytes === 0) break;
        place = child;
      }
      return place;
    })
    .sort(byWeight);
}

function byWeight(a: WeighedPath, b: WeighedPath): number {
  return b.bytes - a.bytes || (a.path < b.path ? -1 : 1);
}
