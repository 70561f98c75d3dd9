import { readFile, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { AirError, messageOf, systemCode, type Diagnostic } from '../errors.js';
import { decode } from './decode.js';
import { emitYaml } from './emit.js';
import { workloadSchema } from './fields.js';
import { inlineRequirements } from './inlining.js';
import { locate } from './locate.js';
import { emptyMapping, type MappingNode, type Node } from './nodes.js';
import { applyOverrides, parseOverrides, type Override } from './overrides.js';
import { renderParameters } from './parameters.js';
import { parseYaml } from './parse.js';
import { diagnosticOf, inOrder, type Problem } from './problem.js';
import { isSecretPath } from './secrets.js';
import { yamlPathOf } from './server-paths.js';
import { SourceText } from './source.js';
import type { Amendment, AppliedOverride, LoadedConfig, WorkloadDraft } from './types.js';
import { validateWorkload, type DecodedWorkload } from './validate.js';
import { warningsOf } from './warnings.js';
import { workloadOf } from './workload.js';

/** The server takes a training_config.yaml of at most this many bytes. */
export const largestConfig = 1024 * 1024;

export interface LoadOptions {
  /** `KEY=VALUE`, as typed after `--override`, in their order. */
  readonly overrides?: readonly string[];
  /** Asked once the user's overrides are applied: what plugins change or object to, in their order. */
  readonly amend?: (draft: WorkloadDraft) => Promise<readonly Amendment[]>;
}

/**
 * Reads a workload file, applies overrides, and checks everything.
 * @throws AirError INVALID_ARGS for an override that is malformed or names no field, before the file is read;
 *   NOT_FOUND for a missing file; INVALID_CONFIG with every problem in `details`, in the order of the file.
 */
export async function loadConfig(file: string, options: LoadOptions = {}): Promise<LoadedConfig> {
  const { loaded, problems } = await checkConfig(file, options);
  if (!loaded) throw invalidConfig([file], problems);
  return loaded;
}

export type CheckedConfig =
  | { readonly loaded: LoadedConfig; readonly problems: readonly [] }
  | { readonly loaded: undefined; readonly problems: readonly Diagnostic[] };

/** As {@link loadConfig}, with the problems as a result. Throws for what is not about the file's content. */
export async function checkConfig(file: string, options: LoadOptions = {}): Promise<CheckedConfig> {
  const overrides = parseOverrides(options.overrides ?? []);
  const source = new SourceText(file, await readText(file));
  return checkText(source, dirname(resolve(file)), overrides, options.amend);
}

/** The one error for the problems of one file or of several. */
export function invalidConfig(files: readonly string[], problems: readonly Diagnostic[]): AirError {
  const count = problems.length === 1 ? 'one problem' : `${problems.length} problems`;
  const what = files.length === 1 ? `${files[0]} is not a valid workload` : 'Not every workload is valid';
  return new AirError('INVALID_CONFIG', `${what}: ${count}.`, { details: problems });
}

async function checkText(
  source: SourceText,
  directory: string,
  own: readonly Override[],
  amend: LoadOptions['amend'],
): Promise<CheckedConfig> {
  const parsed = parseYaml(source);
  const problems: Problem[] = [...parsed.problems];
  const root = parsed.root === undefined && own.length > 0 ? emptyMapping(source, 0) : parsed.root;
  if (root?.kind !== 'mapping') {
    if (problems.length === 0) problems.push(notAMapping(source, root));
    return failed(problems, [source]);
  }
  if (Buffer.byteLength(source.text) > largestConfig)
    problems.push(tooLarge(source, Buffer.byteLength(source.text)));
  const amendments = (await amend?.(draftOf(root, own))) ?? [];
  const overrides = [...own, ...amendments.flatMap((each) => parseOverrides(each.overrides, each.plugin))];
  const edited = applyOverrides(root, overrides);
  const inlined = await inlineRequirements(edited.root, directory);
  const unread = parsed.problems.flatMap((problem) => (problem.unread ? [problem.path] : []));
  const validation = validateWorkload(inlined.root, unread);
  problems.push(...inlined.problems, ...validation.problems, ...objections(inlined.root, amendments));
  const texts = [source, ...overrides.map((override) => override.source)];
  if (problems.length > 0) return failed(problems, texts);

  const changed = overrides.length > 0 || inlined.root !== edited.root;
  const trainingConfig = changed ? emitYaml(inlined.root) : source.text;
  const bytes = Buffer.byteLength(trainingConfig);
  if (bytes > largestConfig) return failed([tooLarge(source, bytes)], texts);
  const warnings = inOrder(warningsOf(inlined.root, validation.value), texts).map((each) =>
    diagnosticOf(each, undefined, 'Warning: '),
  );
  return {
    loaded: loadedConfig({
      source,
      directory,
      root: inlined.root,
      value: validation.value,
      trainingConfig,
      applied: edited.applied,
      warnings,
    }),
    problems: [],
  };
}

function draftOf(root: MappingNode, overrides: readonly Override[]): WorkloadDraft {
  return decode(applyOverrides(root, overrides).root, workloadSchema) as WorkloadDraft;
}

/** What plugins object to, at its place in the final file. */
function objections(root: MappingNode, amendments: readonly Amendment[]): Problem[] {
  return amendments.flatMap(({ plugin, problems }) =>
    problems.map(({ path, message, hint }) => {
      const { source, offset, node } = locate(root, path);
      const secret = isSecretPath(path, node);
      return {
        path,
        source,
        offset,
        message: `${plugin}: ${message}`,
        hint,
        secret,
        reporter: 'plugin' as const,
      };
    }),
  );
}

function failed(problems: readonly Problem[], texts: readonly SourceText[]): CheckedConfig {
  return { loaded: undefined, problems: inOrder(problems, texts).map((problem) => diagnosticOf(problem)) };
}

interface Parts {
  readonly source: SourceText;
  readonly directory: string;
  readonly root: MappingNode;
  readonly value: DecodedWorkload;
  readonly trainingConfig: string;
  readonly applied: readonly AppliedOverride[];
  readonly warnings: readonly Diagnostic[];
}

function loadedConfig({
  source,
  directory,
  root,
  value,
  trainingConfig,
  applied,
  warnings,
}: Parts): LoadedConfig {
  const parameters = root.byKey.get('parameters')?.value;
  const hasParameters = parameters?.kind === 'mapping' && parameters.byKey.size > 0;
  return {
    file: source.name,
    directory,
    config: workloadOf(value),
    trainingConfig,
    get hyperparameters() {
      return hasParameters ? renderParameters(parameters) : undefined;
    },
    overrides: applied,
    warnings,
    diagnosticAt(path, from, message, hint) {
      const yamlPath = from === 'server' ? yamlPathOf(path) : path;
      const place = locate(root, yamlPath);
      const secret = isSecretPath(yamlPath, place.node);
      const problem = { path: yamlPath, source: place.source, offset: place.offset, message, hint, secret };
      return diagnosticOf(problem, from);
    },
  };
}

/** The text of a workload file. A byte order mark is kept: the file's own bytes are what is uploaded. */
async function readText(file: string): Promise<string> {
  const bytes = await readBytes(file);
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    const text = new TextDecoder().decode(bytes);
    const broken = new SourceText(file, text);
    const offset = Math.max(0, text.indexOf('\uFFFD'));
    const message = 'The text is not UTF-8 from here on.';
    const problem = { path: '', source: broken, offset, message, hint: 'Save the file as UTF-8.' };
    throw invalidConfig([file], [diagnosticOf(problem)]);
  }
}

async function readBytes(file: string): Promise<Buffer> {
  try {
    const { size } = await stat(file);
    if (size > 16 * largestConfig)
      throw invalidConfig([file], [diagnosticOf(tooLarge(new SourceText(file, ''), size))]);
    return await readFile(file);
  } catch (error) {
    const code = systemCode(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new AirError('NOT_FOUND', `There is no file ${file}.`, {
        hint: 'To write a starter file, type: air config init',
        cause: error,
      });
    }
    if (code === 'EISDIR') {
      throw new AirError('INVALID_ARGS', `${file} is a folder, not a workload file.`, { cause: error });
    }
    if (error instanceof AirError || code === 'EACCES' || code === 'EPERM') throw error;
    throw new AirError('INTERNAL_ERROR', `${file} cannot be read: ${messageOf(error)}`, { cause: error });
  }
}

function tooLarge(source: SourceText, bytes: number): Problem {
  const size = (bytes / largestConfig).toFixed(2);
  return {
    path: '',
    source,
    offset: 0,
    message: `The configuration has ${size} MiB: the workspace takes at most 1 MiB.`,
    hint: 'Move large parameters, or the program in command, into files of code_source.',
  };
}

function notAMapping(source: SourceText, root: Node | undefined): Problem {
  const isEmpty = root === undefined || (root.kind === 'scalar' && root.text.trim() === '');
  const offset = root?.start ?? 0;
  if (isEmpty) {
    return {
      path: '',
      source,
      offset: 0,
      message: 'The file is empty.',
      hint: 'To write a starter file, type: air config init',
    };
  }
  const what = root.kind === 'sequence' ? 'a list' : 'a single value';
  return {
    path: '',
    source,
    offset,
    message: `The file holds ${what}: expected fields such as "experiment_name: my-run".`,
  };
}
