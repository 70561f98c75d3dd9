import { lstatSync } from 'node:fs';
import { basename, dirname, isAbsolute, join, relative, sep } from 'node:path';
import type { FieldProblem } from '../config/problem.js';
import type { LoadedConfig } from '../config/types.js';
import { absentPaths, CodeRefused, resolveRoot } from '../launch/snapshot/index.js';
import { shellWord } from '../shell-word.js';
import type { BundleCode } from './document.js';

/** What a bundle cannot say, and what to do instead. */
const unsayable: readonly [path: string, found: (loaded: LoadedConfig) => unknown, advice: string][] = [
  [
    'usage_policy_name',
    ({ config }) => config.usage_policy_name,
    'a bundle takes a policy by its id: use usage_policy_id',
  ],
  [
    'environment.docker_image',
    ({ config }) => config.environment?.docker_image,
    'a bundle cannot name a Docker image: use environment.unity_catalog_image, or "air run"',
  ],
  [
    'code_source.remote_volume',
    ({ config }) => config.code_source?.remote_volume,
    'a bundle decides by itself where code goes: set workspace.artifact_path in databricks.yml',
  ],
];

/** Every field of a workload that a bundle has no words for. */
export function unsayableFields(loaded: LoadedConfig): FieldProblem[] {
  return unsayable
    .filter(([, found]) => found(loaded) !== undefined)
    .map(([path, , advice]) => ({ path, message: `${path} cannot be converted: ${advice}.` }));
}

/**
 * The workload's code as a bundle packs it. It must lie below the bundle's folder, and not be that folder.
 * The problems of the root and of the paths in it are answered together.
 */
export async function bundleCode(
  loaded: LoadedConfig,
  bundleDirectory: string,
  env: Readonly<Record<string, string | undefined>>,
): Promise<{ code: BundleCode | null; problems: readonly FieldProblem[] }> {
  const source = loaded.config.code_source;
  if (source === undefined) return { code: null, problems: [] };

  let root: string;
  try {
    root = await resolveRoot(source.root_path, loaded.directory, env);
  } catch (error) {
    if (!(error instanceof CodeRefused)) throw error;
    return { code: null, problems: error.problems };
  }
  const problems: FieldProblem[] = [];
  const place = relative(bundleDirectory, root);
  if (place === '' || place === '..' || place.startsWith(`..${sep}`) || isAbsolute(place)) {
    const wrong = place === '' ? 'is the folder of the bundle' : 'is not inside the folder of the bundle';
    problems.push({
      path: 'code_source.root_path',
      message:
        `The code in ${root} ${wrong}, and a bundle packs only what lies below its own: ` +
        `write the bundle elsewhere with --output-dir ${shellWord(dirname(root))}`,
    });
  }
  const includePaths = (source.include_paths ?? []).map((path) => path.trim().replace(/\/$/, ''));
  if (source.git === undefined) problems.push(...absentPaths(root, source.include_paths ?? []));
  if (problems.length > 0) return { code: null, problems };
  const parent = dirname(place);
  const code = {
    parent: parent === '.' ? '.' : `./${parent}`,
    directory: basename(root),
    includePaths,
    git: source.git,
  };
  return { code, problems: [] };
}

/** What gets lost on the way, though nothing is wrong with it. */
export function losses(loaded: LoadedConfig, bundleDirectory: string, code: BundleCode | null): string[] {
  const lost: string[] = [];
  if (loaded.config.idempotency_token !== undefined) {
    lost.push('idempotency_token is left out: every run of the job is a new one.');
  }
  if (code !== null && exists(join(bundleDirectory, code.parent, code.directory, '.airignore'))) {
    lost.push('The bundle packs the code by .gitignore files alone: .airignore is not read.');
  }
  return lost;
}

function exists(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
}
