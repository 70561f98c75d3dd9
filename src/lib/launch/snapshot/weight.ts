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
  const children = childrenByFolder(files);
  const heaviest = (folder: string) => [...(children.get(folder) ?? [])].sort(byWeight);
  return heaviest('')
    .slice(0, limit)
    .map(({ path, bytes }) => {
      let place: WeighedPath = { path, bytes };
      for (let child = heaviest(place.path)[0]; child !== undefined; child = heaviest(place.path)[0]) {
        if (child.bytes < dominance * place.bytes || place.bytes === 0) break;
        place = { path: child.path, bytes: child.bytes };
      }
      return place;
    })
    .sort(byWeight);
}

/** What lies directly in each folder: files and folders; '' is the root. */
function childrenByFolder(files: readonly WeighedPath[]): Map<string, WeighedPath[]> {
  const children = new Map<string, WeighedPath[]>();
  const put = (child: WeighedPath, folder: string) => {
    const siblings = children.get(folder);
    if (siblings === undefined) children.set(folder, [child]);
    else siblings.push(child);
  };
  const weights = new Map<string, number>();
  for (const file of files) put(file, parentOf(file.path));
  for (const [folder, inside] of children) {
    const bytes = inside.reduce((sum, file) => sum + file.bytes, 0);
    for (let at = folder; at !== ''; at = parentOf(at)) weights.set(at, (weights.get(at) ?? 0) + bytes);
  }
  for (const [path, bytes] of weights) put({ path, bytes }, parentOf(path));
  return children;
}

/** The folder that a path lies in; '' is the root. */
function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/', path.length - 2) + 1);
}

function byWeight(a: WeighedPath, b: WeighedPath): number {
  return b.bytes - a.bytes || (a.path < b.path ? -1 : 1);
}
