import { dirname, resolve } from 'node:path';
import { AirError, Interrupted, type Diagnostic } from '../errors.js';
import { soundCode, writtenPath } from './code-source.js';
import { decode } from './decode.js';
import { emitYaml } from './emit.js';
import { workloadSchema } from './fields.js';
import { inlineRequirements } from './inlining.js';
import { emptyMapping, type MappingNode, type Node } from './nodes.js';
import { applyOverrides, parseOverrides, type Override } from './overrides.js';
import { renderParameters } from './parameters.js';
import { parseYaml } from './parse.js';
import { diagnosticsOf, invalidFile, problemAt, type FieldProblem, type Problem } from './problem.js';
import { yamlPathOf } from './server-paths.js';
import type { SourceText } from './source.js';
import { largestConfig, readSource, tooLarge } from './file.js';
import type { Amendment, CodeCheck, LoadedConfig, WorkloadDraft } from './types.js';
import { validateWorkload, type DecodedWorkload } from './validate.js';
import { warningsOf } from './warnings.js';
import { workloadOf } from './workload.js';

export interface LoadOptions {
  /** `KEY=VALUE`, as typed after `--override`, in their order. */
  readonly overrides?: readonly string[];
  /** Asked once the user's overrides are applied: what plugins change or object to, in their order. */
  readonly amend?: (draft: WorkloadDraft) => Promise<readonly Amendment[]>;
  /** Asked of the code of a file that is wrong elsewhere, so that all is told at once; a launch asks anyway. */
  readonly checkCode?: CodeCheck;
}

/**
 * Reads a workload file, applies overrides, and checks everything.
 * @throws AirError INVALID_ARGS for an override that is malformed or names no field, before the file is read;
 *   NOT_FOUND for a missing file; INVALID_CONFIG with every problem in `details`, in the order of the file.
 */
export async function loadConfig(file: string, options: LoadOptions = {}): Promise<LoadedConfig> {
  const { loaded, problems } = await checkConfig(file, options);
  if (!loaded) throw invalidFile(file, problems);
  return loaded;
}

export type CheckedConfig =
  | { readonly loaded: LoadedConfig; readonly problems: readonly [] }
  | { readonly loaded: undefined; readonly problems: readonly Diagnostic[] };

/** As {@link loadConfig}, with the problems as a result. Throws for what is not about the file's content. */
export async function checkConfig(file: string, options: LoadOptions = {}): Promise<CheckedConfig> {
  const overrides = parseOverrides(options.overrides ?? []);
  const source = await readSource(file);
  return checkText(source, dirname(resolve(file)), overrides, options);
}

async function checkText(
  source: SourceText,
  directory: string,
  own: readonly Override[],
  { amend, checkCode }: LoadOptions,
): Promise<CheckedConfig> {
  const parsed = parseYaml(source);
  const problems: Problem[] = [...parsed.problems];
  const root = parsed.root === undefined && own.length > 0 ? emptyMapping(source, 0) : parsed.root;
  if (root?.kind !== 'mapping') {
    if (problems.length === 0) problems.push(notAMapping(source, root));
    return failed(problems, [source]);
  }
  const size = Buffer.byteLength(source.text);
  if (size > largestConfig) problems.push(tooLarge(source, size));
  const amendments = (await amend?.(draftOf(root, own))) ?? [];
  const overrides = [...own, ...amendments.flatMap((each) => parseOverrides(each.overrides, each.plugin))];
  const edited = applyOverrides(root, overrides);
  const inlined = await inlineRequirements(edited.root, directory);
  const unread = parsed.problems.flatMap((problem) => (problem.unread ? [problem.path] : []));
  const validation = validateWorkload(inlined.root, unread);
  problems.push(...inlined.problems, ...validation.problems, ...objections(inlined.root, amendments));
  const texts = [source, ...overrides.map((override) => override.source)];
  if (problems.length > 0) {
    const code = soundCode(validation.value, problems);
    const found = code && checkCode ? await checkBeside(checkCode, code, directory) : [];
    return failed([...problems, ...found.map((each) => writtenProblem(inlined.root, each))], texts);
  }

  const changed = overrides.length > 0 || inlined.root !== edited.root;
  const trainingConfig = changed ? emitYaml(inlined.root) : source.text;
  const bytes = Buffer.byteLength(trainingConfig);
  if (bytes > largestConfig) return failed([tooLarge(source, bytes)], texts);
  const warnings = diagnosticsOf(warningsOf(inlined.root, validation.value), texts, 'Warning: ');
  const known = { file: source.name, directory, trainingConfig, overrides: edited.applied, warnings };
  return { loaded: loadedConfig(known, inlined.root, validation.value, texts), problems: [] };
}

/** Checks the code of a file that is wrong already: what keeps it from being looked at must not hide the rest. */
async function checkBeside(check: CodeCheck, ...asked: Parameters<CodeCheck>): ReturnType<CodeCheck> {
  try {
    return await check(...asked);
  } catch (error) {
    if (error instanceof AirError && !(error instanceof Interrupted)) return [];
    throw error;
  }
}

function draftOf(root: MappingNode, overrides: readonly Override[]): WorkloadDraft {
  return decode(applyOverrides(root, overrides).root, workloadSchema) as WorkloadDraft;
}

/** What plugins object to, at its place in the final file. */
function objections(root: MappingNode, amendments: readonly Amendment[]): Problem[] {
  return amendments.flatMap(({ plugin, problems }) =>
    problems.map((each) => problemAt(root, { ...each, message: `${plugin}: ${each.message}` }, 'plugin')),
  );
}

function failed(problems: readonly Problem[], texts: readonly SourceText[]): CheckedConfig {
  return { loaded: undefined, problems: diagnosticsOf(problems, texts) };
}

function loadedConfig(
  known: Omit<LoadedConfig, 'config' | 'hyperparameters' | 'diagnose'>,
  root: MappingNode,
  value: DecodedWorkload,
  texts: readonly SourceText[],
): LoadedConfig {
  const parameters = root.byKey.get('parameters')?.value;
  const hasParameters = parameters?.kind === 'mapping' && parameters.byKey.size > 0;
  return {
    ...known,
    config: workloadOf(value),
    get hyperparameters() {
      return hasParameters ? renderParameters(parameters) : undefined;
    },
    diagnose(problems, reporter) {
      const placed = problems.map((each) => {
        const path = reporter === 'server' ? yamlPathOf(each.path) : each.path;
        return writtenProblem(root, { ...each, path }, reporter);
      });
      return diagnosticsOf(placed, texts);
    },
  };
}

/** A problem of a field of {@link LoadedConfig.config}, where the file has that field. */
function writtenProblem(root: MappingNode, problem: FieldProblem, reporter?: 'server'): Problem {
  return problemAt(root, { ...problem, path: writtenPath(root, problem.path) }, reporter);
}

function notAMapping(source: SourceText, root: Node | undefined): Problem {
  const isEmpty = root === undefined || (root.kind === 'scalar' && root.text.trim() === '');
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
    offset: root.start,
    message: `The file holds ${what}: expected fields such as "experiment_name: my-run".`,
  };
}
