import { invalidConfig } from '../config/problem.js';
import type { LoadedConfig } from '../config/types.js';
import { CodeRefused, planSnapshot, type SnapshotOptions, type SnapshotPlan } from './snapshot/index.js';

/**
 * The code that a workload ships, as {@link planSnapshot} finds it; null without `code_source`.
 * @throws AirError INVALID_CONFIG with what is wrong with `code_source` at its places in the file
 */
export async function planCode(
  { file, directory, config: { code_source: source }, diagnose }: LoadedConfig,
  options: Omit<SnapshotOptions, 'configDirectory'>,
): Promise<SnapshotPlan | null> {
  if (!source) return null;
  try {
    return await planSnapshot(source, { ...options, configDirectory: directory });
  } catch (error) {
    if (!(error instanceof CodeRefused)) throw error;
    throw invalidConfig(`The code of ${file} cannot be shipped`, diagnose(error.problems));
  }
}
