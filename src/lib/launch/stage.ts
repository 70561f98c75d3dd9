import { createReadStream, type ReadStream } from 'node:fs';
import { posix } from 'node:path';
import type { Context } from '../io.js';
import type { Workspace } from '../workspace/index.js';
import type { LaunchPlan } from './plan.js';
import type { Archive, SnapshotPlan } from './snapshot/index.js';

/** Where the code goes, and whether it is there already. */
export interface CodeDestination {
  /** Absolute path of the archive. */
  readonly path: string;
  readonly present: boolean;
}

export interface StagingReport {
  /** Bytes of the archive that was sent; 0 when the workspace had it already. */
  readonly codeBytes: number;
  readonly warnings: readonly string[];
}

export interface StagingProgress {
  packing?: (done: { files: number; bytes: number }) => void;
  uploading?: (name: string, bytes: number) => void;
  /** Bytes of the archive that have left, a few times a second. */
  uploaded?: (bytes: number) => void;
  /** The workspace has the code from an earlier submission: nothing of it is sent. */
  uploadedBefore?: (name: string) => void;
}

/** Where the archive of this snapshot lies below a user's folder, or on the volume that was asked for. */
export function archivePath(snapshot: SnapshotPlan, remoteVolume: string | undefined, base: string): string {
  return `${remoteVolume ?? `${base}/.air/repo_snapshots`}/.internal/${snapshot.name}`;
}

/** Asks whether an archive of this name has been uploaded before: its name says what it holds. */
export async function findCode(workspace: Workspace, path: string): Promise<CodeDestination> {
  const present = isVolume(path)
    ? await workspace.files.volumeFileExists(path)
    : (await workspace.files.status(path)) !== null;
  return { path, present };
}

/**
 * Uploads the launch folder's files and, unless it is there, the code: first every folder, once, then every
 * file side by side, each once.
 */
export async function stageLaunch(
  workspace: Workspace,
  plan: LaunchPlan,
  places: { folder: string; code: CodeDestination | null; experimentDirectory: string | null },
  context: Context,
  progress: StagingProgress,
): Promise<StagingReport> {
  const warnings: string[] = [];
  const { folder, code, experimentDirectory } = places;
  const packing = plan.snapshot !== null && code !== null && !code.present ? plan.snapshot : null;

  if (code?.present) progress.uploadedBefore?.(posix.basename(code.path));
  const folders = [folder];
  if (experimentDirectory !== null) folders.push(experimentDirectory);
  if (packing && code && !isVolume(code.path)) folders.push(posix.dirname(code.path));
  const stop = new AbortController();
  const signal = AbortSignal.any([context.signal, stop.signal]);
  const packed = packing ? pack(packing, signal, progress) : null;
  const described = plan.snapshot === null ? null : describeOrigin(plan.snapshot, folder, signal, warnings);

  try {
    const [archive, sidecars] = await Promise.all([
      packed,
      described,
      ...folders.map((path) => workspace.files.mkdirs(path)),
    ]);
    const uploads = plan.files.map(async ({ name, content }) => {
      await workspace.files.importFile(`${folder}/${name}`, content);
    });
    if (archive && code) uploads.push(uploadArchive(workspace, code.path, archive, progress));
    for (const { name, content } of sidecars ?? []) {
      uploads.push(
        workspace.files.importFile(`${folder}/${name}`, content).catch((error: unknown) => {
          context.signal.throwIfAborted();
          warnings.push(`${name} could not be uploaded: ${String(error)}`);
        }),
      );
    }
    await Promise.all(uploads);
    return { codeBytes: archive?.bytes ?? 0, warnings };
  } finally {
    // Whatever went wrong: nothing goes on alone, and no temporary file stays.
    stop.abort();
    await described;
    await packed?.then(
      (archive) => archive.dispose(),
      () => undefined,
    );
  }
}

async function pack(
  snapshot: SnapshotPlan,
  signal: AbortSignal,
  progress: StagingProgress,
): Promise<Archive> {
  const { packSnapshot } = await import('./snapshot/index.js');
  return packSnapshot(snapshot, { signal, onProgress: progress.packing });
}

async function uploadArchive(
  workspace: Workspace,
  path: string,
  archive: { path: string; bytes: number },
  progress: StagingProgress,
): Promise<void> {
  progress.uploading?.(posix.basename(path), archive.bytes);
  let stream: ReadStream | undefined;
  const body = () => (stream = createReadStream(archive.path));
  const watch = setInterval(() => progress.uploaded?.(stream?.bytesRead ?? 0), uploadedInterval);
  const options = { timeout: uploadTimeout, budget: uploadTimeout };
  try {
    if (isVolume(path)) await workspace.files.uploadToVolume(path, body, options);
    else await workspace.files.importFile(path, body, options);
  } finally {
    clearInterval(watch);
  }
}

/** Milliseconds for one archive: gigabytes over a slow line. */
const uploadTimeout = 3_600_000;
/** Milliseconds between two looks at how much of an archive has left. */
const uploadedInterval = 200;

/** What the code came from, as files beside the run. Never worth failing a submission for. */
async function describeOrigin(
  snapshot: SnapshotPlan,
  folder: string,
  signal: AbortSignal,
  warnings: string[],
): Promise<{ name: string; content: string | Buffer }[]> {
  try {
    const { provenance } = await import('./snapshot/index.js');
    const origin = await provenance(snapshot, { diffPath: `${folder}/git_diff.patch`, signal });
    if (origin === null) return [];
    return [
      { name: 'git_state.json', content: origin.gitState },
      ...(origin.gitDiff === undefined ? [] : [{ name: 'git_diff.patch', content: origin.gitDiff }]),
    ];
  } catch (error) {
    warnings.push(`The state of the git repository could not be recorded: ${String(error)}`);
    return [];
  }
}

function isVolume(path: string): boolean {
  return path.startsWith('/Volumes/');
}
