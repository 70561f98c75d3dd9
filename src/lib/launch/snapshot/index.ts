/**
 * Code snapshots: what of a folder or commit is shipped, under which name, and the archive itself.
 *
 * `planSnapshot(source, {configDirectory, env, context, cacheDirectory})` lists and names;
 * `packSnapshot(plan, {signal, onProgress})` writes the archive `{path, bytes, dispose()}`;
 * `provenance(plan, {diffPath})` describes the repository for `git_state.json` and `git_diff.patch`.
 */
export { packSnapshot, type Archive, type PackOptions } from './pack.js';
export {
  planSnapshot,
  refusedCode,
  type SnapshotContent,
  type SnapshotMode,
  type SnapshotOptions,
  type SnapshotPlan,
} from './plan.js';
export { absentPaths } from './include-paths.js';
export { CodeRefused } from './refusal.js';
export { resolveRoot } from './root.js';
export { hasUncommittedChanges, provenance, type Provenance } from './provenance.js';
export type { WeighedPath } from './weight.js';
