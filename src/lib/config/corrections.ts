import { COLLECTION_STYLE, dump } from 'js-yaml';
import { meantCompute } from '../compute/meaning.js';
import { shellWord } from '../shell-word.js';
import { durationMinutes } from './durations.js';
import { pathOf } from './fields.js';
import type { MappingNode, Node, SequenceNode } from './nodes.js';
import { fieldsOf, pairsIn, pairsOf, withoutSecrets, type Pair } from './pairs.js';
import { requirementsIn } from './requirements.js';
import { looksLikeSecret } from './secrets.js';

/**
 * A value in a form that its field does not take but other tools do, written as this file takes it: a hint
 * that can be pasted. Undefined when it cannot be known what was meant.
 */
export function correctionOf(path: string, node: Node): string | undefined {
  const field = path.replaceAll(/\[\d+\]/g, '[]');
  if (field === 'timeout_minutes' && node.kind === 'scalar') {
    const minutes = durationMinutes(node.text);
    return minutes === undefined ? undefined : `Write: ${minutes}`;
  }
  const fields = correctedFields(field, node);
  if (fields === undefined) return undefined;
  return node.source.origin === 'file' ? inFile(fields) : asOverrides(path, fields);
}

/** The field that the path ends with, or an item of a list in a list, as it should be. */
function correctedFields(field: string, node: Node): object | undefined {
  if (node.kind === 'sequence') return correctedLists[field]?.(node);
  if (node.kind === 'mapping') return correctedMaps[field]?.(node);
  const text = node.text.trim();
  return text === '' ? undefined : correctedTexts[field]?.(text);
}

const correctedLists: Readonly<Record<string, (list: SequenceNode) => object | undefined>> = {
  command: (list) => as('command', scriptOf(list)),
  code_source: ({ items }) => as('code_source', codeOf(textsOf(items))),
  compute: (list) => as('compute', computeOf(fieldsOf(list) ?? textsOf(list.items))),
  env_variables: (list) => as('env_variables', mapped(pairsOf(list), withoutSecrets)),
  environment: ({ items }) =>
    as(
      'environment',
      mapped(textsOf(items), (dependencies) => ({ dependencies })),
    ),
  parameters: (list) => as('parameters', mapped(pairsOf(list), parametersOf)),
  secrets: (list) => as('secrets', mapped(pairsOf(list), secretsOf)),
};

const correctedMaps: Readonly<Record<string, (map: MappingNode) => object | undefined>> = {
  permissions: (map) =>
    as(
      'permissions',
      mapped(fieldsOf(map), (fields) => [Object.fromEntries(fields)]),
    ),
};

const correctedTexts: Readonly<Record<string, (text: string) => object | undefined>> = {
  code_source: (text) => ({ code_source: { root_path: text } }),
  'code_source.git': (text) => ({ git: /^[0-9a-f]{7,40}$/.test(text) ? { commit: text } : { branch: text } }),
  'code_source.include_paths': (text) => ({ include_paths: text.split(/\s*,\s*/) }),
  compute: (text) => as('compute', computeOf([text])),
  env_variables: (text) => as('env_variables', mapped(pairsIn(text), withoutSecrets)),
  environment: (text) => ({ environment: environmentOf(text) }),
  'environment.docker_image': (text) => ({ docker_image: { url: text } }),
  experiment_name: (text) => experimentOf(text),
  mlflow_run_name: (text) => as('mlflow_run_name', nameOf(text)),
  parameters: (text) => as('parameters', mapped(pairsIn(text), parametersOf)),
  permissions: (text) => ({ permissions: [viewerOf(text)] }),
  'permissions[]': (text) => [viewerOf(text)],
  secrets: (text) => ({ secrets: secretsOf(pairsIn(text) ?? [[secretNameOf(text), '']]) }),
};

function as(field: string, value: unknown): object | undefined {
  return value === undefined ? undefined : { [field]: value };
}

function mapped<From, To>(value: From | undefined, change: (value: From) => To): To | undefined {
  return value === undefined ? undefined : change(value);
}

/** Columns of a correction that stands beside the word "Write"; a longer one would be wrapped. */
const widest = 60;

function inFile(fields: object): string {
  return written(dump(fields, { lineWidth: -1 }).trimEnd());
}

function written(text: string): string {
  if (!text.includes('\n') && text.length <= widest) return `Write: ${text}`;
  return `Write:\n${text.replaceAll(/^/gm, '  ')}`;
}

/** The fields as they are given on a command line; undefined for the item of a list, which cannot be given alone. */
function asOverrides(path: string, fields: object): string | undefined {
  if (Array.isArray(fields)) return undefined;
  const words = assignments(path.split('.').slice(0, -1).join('.'), fields);
  return written(words.map((word) => `--override ${shellWord(word)}`).join(' '));
}

/** `PATH=VALUE` for every value below the parent. A list is one value. */
function assignments(parent: string, fields: object): string[] {
  return Object.entries(fields).flatMap(([name, value]: [string, unknown]) => {
    const path = pathOf(parent, name);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return assignments(path, value);
    const isPlain = typeof value === 'string' && /^[\w./@-][\w./@:=-]*$/.test(value);
    return [`${path}=${isPlain ? value : JSON.stringify(value)}`];
  });
}

/** The script that a list was probably meant to be; undefined when not every item is a word or a line. */
function scriptOf({ items, style }: SequenceNode): string | undefined {
  const texts = textsOf(items);
  if (texts === undefined || texts.includes('')) return undefined;
  // `[python, train.py]` is one command, as containers take it; a list of lines is a script.
  const isOption = (text: string) => text.startsWith('-');
  const inBlock = style !== COLLECTION_STYLE.FLOW && !texts.some(isOption);
  const isScript = inBlock ? texts.some(hasSpace) : hasSpace(texts[0] ?? '');
  if (!isScript) return texts.map(shellWord).join(' ');
  return texts.length === 1 ? texts[0] : `set -e\n${texts.join('\n')}\n`;
}

function hasSpace(text: string): boolean {
  return /\s/.test(text);
}

function textsOf(items: readonly Node[]): string[] | undefined {
  if (items.length === 0) return undefined;
  const texts = items.map((item) => (item.kind === 'scalar' ? item.text : undefined));
  return texts.every((text) => text !== undefined) ? texts : undefined;
}

/** The folder of a list of one; several are taken for parts of the folder of the file. */
function codeOf(paths: readonly string[] | undefined): object | undefined {
  if (paths === undefined) return undefined;
  return paths.length === 1 ? { root_path: paths[0] } : { root_path: '.', include_paths: paths };
}

/** The compute that fields, or words in any order, stand for. */
function computeOf(parts: readonly (Pair | string)[] | undefined): object | undefined {
  const words = (parts ?? []).map((part) => (typeof part === 'string' ? part : part[1]));
  const compute = meantCompute(words.join(' '));
  return compute && { num_accelerators: compute.count, accelerator_type: compute.type };
}

/** A version, an image, a requirements file, or packages: what one text in the place of an environment may be. */
function environmentOf(text: string): object {
  if (/^[1-9]\d*$/.test(text)) return { version: Number(text) };
  if (/^databricks_ai_v\d+$/i.test(text)) return { version: text };
  if (/\.(?:ya?ml|txt)$/i.test(text)) return { dependencies: text };
  if (/^[\w.-]+(?::\d+)?(?:\/[\w.-]+)*(?::[\w.-]+|@sha256:\w+)$/.test(text))
    return { docker_image: { url: text } };
  return { dependencies: requirementsIn(text) };
}

/** The name in the place of an experiment's path, and the folder of that path. */
function experimentOf(text: string): object | undefined {
  const [, folder = '', last = ''] = /^(\/.*)?\/([^/]+)\/?$/.exec(text) ?? [];
  const name = nameOf(last === '' ? text : last);
  if (name === undefined || folder === '') return as('experiment_name', name);
  const directory = /^\/Workspace(?:\/|$)/.test(folder) ? folder : `/Workspace${folder}`;
  return { experiment_name: name, mlflow_experiment_directory: directory };
}

/** A text as a name may be written; undefined when nothing is left of it. */
function nameOf(text: string): string | undefined {
  const name = text.replaceAll(/[^A-Za-z0-9_-]+/g, '-').replaceAll(/^-+|-+$/g, '');
  return name === '' ? undefined : name.slice(0, 100);
}

/** The values of parameters as a YAML file would hold them: numbers and truths are no texts. */
function parametersOf(pairs: readonly Pair[]): Record<string, unknown> {
  const isNumber = /^-?(?:0|[1-9]\d{0,14})(?:\.\d+)?(?:e[-+]?\d{1,2})?$/i;
  const typed = Object.entries(withoutSecrets(pairs)).map(([name, value]) => {
    if (isNumber.test(value)) return [name, Number(value)];
    return [name, value === 'true' || value === 'false' ? value === 'true' : value];
  });
  return Object.fromEntries(typed) as Record<string, unknown>;
}

/** The names of secrets. What they are set to may be a secret itself, so only the form is shown. */
function secretsOf(pairs: readonly Pair[]): Record<string, string> {
  return Object.fromEntries(pairs.map(([name]) => [name, 'my-scope/my-key']));
}

/** A text that is the name of a variable, as these are usually written, and no secret itself. */
function secretNameOf(text: string): string {
  return /^[A-Z_][A-Z0-9_]*$/.test(text) && !looksLikeSecret(text) ? text : 'NAME';
}

/** Somebody who is named without a level may see the run: the least that can be given. */
function viewerOf(name: string): object {
  return { [name.includes('@') ? 'user_name' : 'group_name']: name, level: 'CAN_VIEW' };
}
