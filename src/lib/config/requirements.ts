import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { systemCode } from '../errors.js';
import { isNull } from './decode.js';
import { plainScalar, type MappingNode, type Node, type ScalarNode, type SequenceNode } from './nodes.js';
import { parseYaml } from './parse.js';
import type { Problem } from './problem.js';
import { SourceText } from './source.js';

export interface Requirements {
  readonly dependencies: SequenceNode | undefined;
  /** As the file writes it; only YAML files can. */
  readonly version: ScalarNode | undefined;
  readonly problems: readonly Problem[];
}

/**
 * The requirements file that `environment.dependencies` names: a YAML file with a list under `dependencies`
 * and maybe a `version`, or a text file with one requirement a line. `named` is the scalar that names it.
 */
export async function readRequirements(named: ScalarNode, directory: string): Promise<Requirements> {
  const typed = named.text.trim();
  const problem = (message: string, hint?: string): Requirements => ({
    dependencies: undefined,
    version: undefined,
    problems: [
      { path: 'environment.dependencies', source: named.source, offset: named.start, message, hint },
    ],
  });
  if (!/\.(?:ya?ml|txt)$/i.test(typed)) {
    return problem(
      `dependencies is ${JSON.stringify(typed)}: expected a list of packages, or the path of a .yaml, .yml or .txt file.`,
      `Write: dependencies: [${requirementsIn(typed)
        .map((each) => JSON.stringify(each))
        .join(', ')}]`,
    );
  }
  let text: string;
  try {
    text = await readFile(resolve(directory, typed), 'utf8');
  } catch (error) {
    const reason =
      systemCode(error) === 'ENOENT' ? 'there is no such file' : `it cannot be read (${systemCode(error)})`;
    return problem(
      `The requirements file ${typed} is not usable: ${reason}.`,
      'The path starts at the folder of this file.',
    );
  }
  const source = new SourceText(typed, text.replace(/^\uFEFF/, ''));
  return /\.txt$/i.test(typed) ? textRequirements(source) : yamlRequirements(source);
}

/**
 * The requirements of a text that names several, separated by commas, blanks or line ends. Lines that are
 * more than names and versions stay whole.
 */
export function requirementsIn(text: string): string[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines
    .filter((line) => line !== '')
    .flatMap((line) => {
      const found = line.match(requirement) ?? [];
      return line.replaceAll(requirement, '').replaceAll(/[\s,]/g, '') === '' ? found : [line];
    });
}

const version = String.raw`\s*(?:===?|[<>~!]=|<|>)\s*[\w.*+!-]+`;
const requirement = new RegExp(
  String.raw`(?<![\w.-])[A-Za-z][\w.-]*(?:\[[\w\s,.-]+\])?(?:${version}(?:\s*,${version})*)?`,
  'g',
);

/** The lines of a pip requirements file: comments and blank lines go, continued lines are joined. */
function textRequirements(source: SourceText): Requirements {
  const items: ScalarNode[] = [];
  const problems: Problem[] = [];
  const lines = /(?:\\\r?\n|[^\r\n])+/g;
  for (const { 0: raw, index } of source.text.matchAll(lines)) {
    const text = raw
      .replaceAll(/\\\r?\n\s*/g, '')
      .replace(/(?:^|\s)#.*$/, '')
      .trim();
    if (text === '') continue;
    const offset = index + raw.search(/\S/);
    if (
      /^(?:-r|-c|--requirement|--constraint)(?:[ =]|$)/.test(text) &&
      !/\/Workspace\/|\/Volumes\//.test(text)
    ) {
      problems.push({
        path: 'environment.dependencies',
        source,
        offset,
        message: `${text}: a requirements file of this machine cannot be read from within another.`,
        hint: 'Copy its lines here, or put it below /Workspace or /Volumes and name it by that path.',
      });
    }
    items.push(plainScalar(text, source, offset));
  }
  const dependencies: SequenceNode = {
    kind: 'sequence',
    source,
    start: 0,
    anchor: undefined,
    style: 1,
    items,
  };
  return { dependencies, version: undefined, problems };
}

function yamlRequirements(source: SourceText): Requirements {
  const { root, problems } = parseYaml(source);
  if (problems.length > 0 || root?.kind !== 'mapping') {
    const notMap = {
      path: 'environment.dependencies',
      source,
      offset: 0,
      message: 'This requirements file is no YAML map with a list of dependencies.',
    };
    return {
      dependencies: undefined,
      version: undefined,
      problems: problems.length > 0 ? problems : [notMap],
    };
  }
  const found: Problem[] = [];
  const dependencies = listOf(root, found);
  return { dependencies, version: versionOf(root), problems: found };
}

function listOf(root: MappingNode, found: Problem[]): SequenceNode | undefined {
  const entry = root.byKey.get('dependencies');
  const report = (at: Node, message: string) =>
    found.push({ path: 'environment.dependencies', source: at.source, offset: at.start, message });
  if (entry?.value.kind !== 'sequence') {
    report(entry?.value ?? root, 'This requirements file needs a list under "dependencies".');
    return undefined;
  }
  return entry.value;
}

function versionOf(root: MappingNode): ScalarNode | undefined {
  const node = (root.byKey.get('version') ?? root.byKey.get('environment_version'))?.value;
  return node?.kind === 'scalar' && !isNull(node) ? node : undefined;
}
