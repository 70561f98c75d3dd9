import { AirError, type Diagnostic } from '../errors.js';
import { checkConfig } from './load.js';
import { invalidConfig, invalidFile } from './problem.js';
import type { Amendment, AppliedOverride, CodeCheck, LoadedConfig, WorkloadDraft } from './types.js';

export interface ValidFile {
  readonly file: string;
  readonly warnings: readonly Diagnostic[];
  /** What plugins changed before the check. */
  readonly overrides: readonly AppliedOverride[];
}

export interface CheckOptions {
  /** Asked for each file: what plugins change or object to. */
  readonly amend?: (file: string, draft: WorkloadDraft) => Promise<readonly Amendment[]>;
  readonly checkCode?: CodeCheck;
}

/**
 * Checks several workload files, and the code that they name.
 * @throws AirError INVALID_CONFIG with every problem of every file, as soon as one file is wrong; when none is
 *   wrong and one cannot be read, the reason of the first such file.
 */
export async function checkFiles(
  files: readonly string[],
  { amend = () => Promise.resolve([]), checkCode = () => Promise.resolve([]) }: CheckOptions = {},
): Promise<ValidFile[]> {
  const valid: ValidFile[] = [];
  const problems: Diagnostic[] = [];
  const unreadable: { file: string; error: AirError }[] = [];
  for (const file of files) {
    try {
      const { loaded, problems: found } = await checkConfig(file, {
        amend: (draft) => amend(file, draft),
        checkCode,
      });
      problems.push(...found);
      if (!loaded) continue;
      problems.push(...(await codeProblems(loaded, checkCode)));
      valid.push({ file, warnings: loaded.warnings, overrides: loaded.overrides });
    } catch (error) {
      if (!(error instanceof AirError)) throw error;
      if (error.details) problems.push(...error.details);
      else unreadable.push({ file, error });
    }
  }
  const [first] = unreadable;
  if (problems.length === 0 && first) throw first.error;
  for (const { file, error } of unreadable) {
    const { message } = error;
    problems.push({
      path: '',
      source: 'file',
      file,
      line: 1,
      column: 1,
      message,
      frame: `${file}\n`,
    });
  }
  if (problems.length === 0) return valid;
  const [file] = files;
  if (files.length === 1 && file !== undefined) throw invalidFile(file, problems);
  throw invalidConfig('Not every workload is valid', problems);
}

async function codeProblems(
  { config: { code_source: code }, directory, diagnose }: LoadedConfig,
  checkCode: CodeCheck,
): Promise<Diagnostic[]> {
  return code === undefined ? [] : diagnose(await checkCode(code, directory));
}
