import type { Readable } from 'node:stream';
import { AirError } from '../../errors.js';
import { paths, type WireInteger } from '../../workspace/contract/index.js';
import { ApiError, type Workspace } from '../../workspace/index.js';

export interface StoredEntry {
  /** The last part of its path. */
  readonly name: string;
  readonly isFolder: boolean;
  /** Bytes; null when the listing does not say. */
  readonly size: number | null;
}

/** The files stored with an MLflow run. Paths are relative to the run's artifacts. */
export interface FileStore {
  /** What lies in a folder; empty when there is none. */
  list(folder: string): Promise<StoredEntry[]>;
  /** The bytes of a file from an offset on. */
  open(path: string, from: number): Promise<Readable>;
}

/** The store of an MLflow run: a Unity Catalog volume where its artifacts lie in one, else MLflow's own. */
export async function openStore(workspace: Workspace, mlflowRunId: string): Promise<FileStore> {
  const run = await workspace.mlflow.run(mlflowRunId, storeRequest);
  const volume = /^dbfs:(\/Volumes\/.+?)\/*$/.exec(run.info?.artifact_uri ?? '')?.[1];
  return volume === undefined
    ? new ArtifactStore(workspace, mlflowRunId)
    : new VolumeStore(workspace, volume);
}

const storeRequest = { retry: 'never', timeout: 20_000 } as const;

class ArtifactStore implements FileStore {
  constructor(
    private readonly workspace: Workspace,
    private readonly runId: string,
  ) {}

  async list(folder: string): Promise<StoredEntry[]> {
    return pagesOf(async (token) => {
      const page = await this.workspace.mlflow.artifacts(this.runId, folder, token, storeRequest);
      const entries = (page.files ?? []).map(({ path, is_dir: isFolder, file_size: size }) =>
        entryOf(path, isFolder, size),
      );
      return { entries, next: page.next_page_token };
    });
  }

  async open(path: string, from: number): Promise<Readable> {
    const credential = await this.workspace.mlflow.readCredential(this.runId, path, storeRequest);
    if (!credential?.signed_uri) {
      throw new AirError('INTERNAL_ERROR', `The workspace gave no address for the stored file ${path}.`, {
        kind: 'TRANSIENT',
      });
    }
    const { status, body } = await this.workspace.http.downloadSigned(
      { url: credential.signed_uri, ...(credential.headers ? { headers: credential.headers } : {}) },
      { ...storeRequest, ...rangeOf(from) },
    );
    return withoutBeginning(body, status === 206 ? Math.min(from, 1) : from);
  }
}

interface DirectoryPage {
  contents?: { path?: string; name?: string; is_directory?: boolean; file_size?: WireInteger }[];
  next_page_token?: string;
}

class VolumeStore implements FileStore {
  constructor(
    private readonly workspace: Workspace,
    private readonly root: string,
  ) {}

  async list(folder: string): Promise<StoredEntry[]> {
    return pagesOf(async (token) => {
      const page = await this.workspace.http.get<DirectoryPage>(
        paths.directories(`${this.root}/${folder}`),
        { page_token: token },
        storeRequest,
      );
      const entries = (page.contents ?? []).map(({ name, path, is_directory: isFolder, file_size: size }) =>
        entryOf(name ?? path ?? '', isFolder, size),
      );
      return { entries, next: page.next_page_token };
    });
  }

  async open(path: string, from: number): Promise<Readable> {
    const address = paths.files(`${this.root}/${path}`);
    const { status, body } = await this.workspace.http.download(address, {
      ...storeRequest,
      ...rangeOf(from),
    });
    return withoutBeginning(body, status === 206 ? Math.min(from, 1) : from);
  }
}

function entryOf(path: string, isFolder: boolean | undefined, size: WireInteger | undefined): StoredEntry {
  return {
    name: path.replace(/\/+$/, '').split('/').at(-1) ?? '',
    isFolder: isFolder ?? false,
    size: size === undefined ? null : Number(size),
  };
}

async function pagesOf(
  ask: (token: string | undefined) => Promise<{ entries: StoredEntry[]; next: string | undefined }>,
): Promise<StoredEntry[]> {
  const entries: StoredEntry[] = [];
  const seen = new Set<string>();
  let token: string | undefined;
  try {
    do {
      const page = await ask(token);
      entries.push(...page.entries);
      token = page.next && !seen.has(page.next) ? page.next : undefined;
      if (token) seen.add(token);
    } while (token);
  } catch (error) {
    if (!(error instanceof ApiError) || error.status !== 404) throw error;
  }
  return entries;
}

/** From the byte before on: a part that begins at the end of a file is refused, its last byte never. */
function rangeOf(from: number): { headers?: Record<string, string> } {
  return from > 0 ? { headers: { range: `bytes=${from - 1}-` } } : {};
}

/** Cuts off what was read before: a storage service may answer a question for a part with the whole. */
function withoutBeginning(body: Readable, bytes: number): Readable {
  if (bytes === 0) return body;
  return body.compose(async function* (source: AsyncIterable<Buffer>) {
    let left = bytes;
    for await (const chunk of source) {
      if (left < chunk.length) yield chunk.subarray(left);
      left = Math.max(0, left - chunk.length);
    }
  }) as unknown as Readable;
}
