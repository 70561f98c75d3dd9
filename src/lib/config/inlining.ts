import { isNull } from './decode.js';
import {
  plainScalar,
  withEntry,
  withoutEntry,
  type MappingNode,
  type Node,
  type ScalarNode,
} from './nodes.js';
import type { Problem } from './problem.js';
import { readRequirements } from './requirements.js';

/**
 * Puts the lines of the requirements file that `environment.dependencies` names in the place of its path, and its
 * version beside them. The root itself comes back when no file is named.
 */
export async function inlineRequirements(
  root: MappingNode,
  directory: string,
): Promise<{ root: MappingNode; problems: readonly Problem[] }> {
  const environment = root.byKey.get('environment');
  if (environment?.value.kind !== 'mapping') return { root, problems: [] };
  const listed = environment.value.byKey.get('dependencies');
  if (listed?.value.kind !== 'scalar' || isBlank(listed.value)) return { root, problems: [] };

  const { dependencies, version, problems } = await readRequirements(listed.value, directory);
  const own = environment.value.byKey.get('version');
  const conflict = version && own && versionConflict(own.value, version, listed.value);
  let inlined = dependencies
    ? withEntry(environment.value, { key: listed.key, value: dependencies })
    : withoutEntry(environment.value, 'dependencies');
  if (version && (own === undefined || isBlank(own.value))) {
    const key = own?.key ?? plainScalar('version', version.source, version.start);
    inlined = withEntry(inlined, { key, value: version });
  }
  return {
    root: withEntry(root, { key: environment.key, value: inlined }),
    problems: conflict ? [...problems, conflict] : problems,
  };
}

/** Two versions that are not the same, told at the workload's own. */
function versionConflict(own: Node, version: ScalarNode, named: ScalarNode): Problem | undefined {
  if (own.kind !== 'scalar' || isBlank(own)) return undefined;
  const [ours, theirs] = [own.text.trim(), version.text.trim()];
  if (versionNumber(ours) === versionNumber(theirs)) return undefined;
  return {
    path: 'environment.version',
    source: own.source,
    offset: own.start,
    message: `version is ${ours}, but ${named.text.trim()} says ${theirs}.`,
    hint: 'Make the two the same, or remove one.',
  };
}

/** `5` and `databricks_ai_v5` are the same version. */
function versionNumber(version: string): string {
  return version.toLowerCase().replace(/^databricks_ai_v/, '');
}

function isBlank(node: Node): boolean {
  return node.kind === 'scalar' && (isNull(node) || node.text.trim() === '');
}
