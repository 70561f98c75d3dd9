import { lstatSync } from 'node:fs';
import { chmod, rename, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AirError, systemCode } from '../errors.js';
import { makeFolder } from '../folder.js';
import { invalidConfig } from '../config/problem.js';
import type { LoadedConfig } from '../config/types.js';
import { planLaunch } from '../launch/plan.js';
import { artifactsFolder, bundleDocument } from './document.js';
import { bundleCode, losses, unsayableFields } from './refusals.js';
import { yamlText } from './yaml.js';

const documentName = 'databricks.yml';
/** Files that an earlier conversion may have left: read by the run's launcher whether or not they still fit. */
const artifactNames = [
  'training_config.yaml',
  'command.sh',
  'hyperparameters.yaml',
  'env_vars.json',
  'secret_env_vars.json',
];

export interface BundleOptions {
  /** Where the bundle goes. */
  directory: string;
  /** Replace the files of an earlier conversion. */
  overwrite: boolean;
  /** For the variables of `root_path`. */
  env: Readonly<Record<string, string | undefined>>;
  /** `DATABRICKS_DL_RUNTIME_IMAGE`. */
  runtimeImage: string | undefined;
}

export interface WrittenBundle {
  /** Relative to the bundle's folder, in the order they were planned. */
  readonly files: readonly string[];
  /** Under which the bundle knows its one job. */
  readonly jobKey: string;
  readonly warnings: readonly string[];
}

/**
 * Writes a workload as a Databricks Asset Bundle. Everything is checked before the first file is written.
 * @throws AirError INVALID_CONFIG with every field that a bundle cannot hold; CONFLICT for files that are there.
 */
export async function writeBundle(loaded: LoadedConfig, options: BundleOptions): Promise<WrittenBundle> {
  const directory = resolve(options.directory);
  const { code, problems } = await bundleCode(loaded, directory, options.env);
  const refused = [...unsayableFields(loaded), ...problems];
  if (refused.length > 0) {
    throw invalidConfig(`${loaded.file} cannot be converted to a bundle`, loaded.diagnose(refused));
  }
  const plan = planLaunch(loaded, { runtimeImage: options.runtimeImage, snapshot: null });
  const files = [
    { path: documentName, content: yamlText(bundleDocument(plan, code)) },
    ...plan.files.map(({ name, content }) => ({ path: `${artifactsFolder}/${name}`, content })),
  ];
  const earlier = earlierFiles(directory);
  if (earlier.length > 0 && !options.overwrite) throw alreadyThere(earlier, options.directory);
  const written = new Set(files.map(({ path }) => path));
  const stale = earlier.filter((path) => !written.has(path));
  try {
    await replaceFiles(directory, files, stale);
  } catch (error) {
    throw unwritable(options.directory, error);
  }
  return {
    files: files.map(({ path }) => path),
    jobKey: loaded.config.experiment_name,
    warnings: losses(loaded, directory, code),
  };
}

function earlierFiles(directory: string): string[] {
  const paths = [documentName, ...artifactNames.map((name) => `${artifactsFolder}/${name}`)];
  return paths.filter((path) => {
    try {
      return lstatSync(join(directory, path), { throwIfNoEntry: false }) !== undefined;
    } catch (error) {
      throw unwritable(directory, error);
    }
  });
}

function alreadyThere(paths: readonly string[], directory: string): AirError {
  return new AirError('CONFLICT', `Already in ${directory}: ${paths.join(', ')}. Nothing was written.`, {
    hint: 'To overwrite them, say it again with --force.',
  });
}

/** Whole files or none: each is written beside its place and moved there, the document last. */
async function replaceFiles(
  directory: string,
  files: readonly { path: string; content: string }[],
  stale: readonly string[],
): Promise<void> {
  makeFolder(join(directory, artifactsFolder), 0o700);
  const drafts: { draft: string; target: string }[] = [];
  try {
    for (const { path, content } of files) {
      const target = join(directory, path);
      const draft = `${target}.${process.pid}.draft`;
      drafts.unshift({ draft, target });
      await writeFile(draft, content, { mode: 0o600 });
      await chmod(draft, 0o600);
    }
    await Promise.all(stale.map((path) => rm(join(directory, path))));
    for (const { draft, target } of drafts) await rename(draft, target);
  } finally {
    await Promise.all(drafts.map(({ draft }) => rm(draft, { force: true })));
  }
}

function unwritable(directory: string, error: unknown): unknown {
  const reasons: Record<string, string> = {
    EEXIST: 'something that is no folder is in the way',
    ENOTDIR: 'something that is no folder is in the way',
    EISDIR: 'a folder stands where a file should go',
    EACCES: 'you may not write there',
    EPERM: 'you may not write there',
    ENOENT: 'no folder can be made there',
    EROFS: 'it is read-only',
  };
  const reason = reasons[systemCode(error) ?? ''];
  if (reason === undefined) return error;
  return new AirError('INVALID_ARGS', `The bundle cannot be written to ${directory}: ${reason}.`, {
    hint: 'Choose another folder with --output-dir.',
    cause: error,
  });
}
