import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../src/lib/config/load.js';
import type { LoadedConfig } from '../../src/lib/config/types.js';
import { AirError, type Diagnostic } from '../../src/lib/errors.js';

/** A folder for workload files, gone after the test that made it. */
export function configFolder(): { path: string; write(name: string, text: string | Buffer): string } {
  const path = mkdtempSync(join(tmpdir(), 'air-config-'));
  folders.push(path);
  return {
    path,
    write(name, text) {
      const file = join(path, name);
      writeFileSync(file, text);
      return file;
    },
  };
}

const folders: string[] = [];
process.on('exit', () => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** Loads a workload text that must be valid. */
export async function load(text: string | Buffer, overrides: string[] = []): Promise<LoadedConfig> {
  return loadConfig(configFolder().write('train.yaml', text), { overrides });
}

/** The error of a workload text that must not be valid. */
export async function loadError(text: string | Buffer, overrides: string[] = []): Promise<AirError> {
  try {
    await load(text, overrides);
  } catch (error) {
    if (error instanceof AirError) return error;
    throw error;
  }
  throw new Error('The configuration is valid.');
}

/** The problems of a workload text. */
export async function problemsOf(text: string | Buffer, overrides: string[] = []): Promise<Diagnostic[]> {
  const error = await loadError(text, overrides);
  if (error.code !== 'INVALID_CONFIG') throw error;
  return [...(error.details ?? [])];
}

/** `path line:column` of every problem. */
export function places(problems: readonly Diagnostic[]): string[] {
  return problems.map(({ path, line, column }) => `${path} ${line}:${column}`);
}

/** The smallest valid workload, with more lines after it. */
export function workload(...lines: string[]): string {
  return [
    'experiment_name: demo',
    'compute:',
    '  num_accelerators: 8',
    '  accelerator_type: GPU_8xH100',
    'command: echo hi',
    ...lines,
    '',
  ].join('\n');
}
