import type { Readable } from 'node:stream';
import { paths, type WorkspaceObject } from './contract/index.js';
import { ApiError, type Http, type RequestOptions } from './http.js';

/** A body to upload: bytes, text, or a factory of streams (a retry asks for a new one). */
export type UploadBody = Buffer | string | (() => Readable);

/** Workspace files and Unity Catalog volumes. Paths are absolute (`/Workspace/...`, `/Volumes/...`). */
export class Files {
  constructor(private readonly http: Http) {}

  /** Makes a workspace folder and its parents; an existing one is fine. */
  async mkdirs(path: string, options: RequestOptions = {}): Promise<void> {
    await this.http.post(paths.mkdirs, { path }, { retry: 'safe', ...options });
  }

  /** What lies at a workspace path; null when nothing does. */
  async status(path: string, options: RequestOptions = {}): Promise<WorkspaceObject | null> {
    return absentAsNull(this.http.get<WorkspaceObject>(paths.getStatus, { path }, options));
  }

  /** Writes a workspace file, replacing one that is there. Its folder must exist. */
  async importFile(path: string, body: UploadBody, options: RequestOptions = {}): Promise<void> {
    await this.http.request('POST', paths.importFile(path), {
      query: { overwrite: true },
      body,
      retry: 'safe',
      ...options,
    });
  }

  /** The bytes of a workspace file. */
  async export(path: string, options: RequestOptions = {}): Promise<Buffer> {
    return this.http.bytes('GET', paths.workspaceExport, {
      query: { path, direct_download: true },
      ...options,
    });
  }

  /** Whether a file lies at this path of a volume. */
  async volumeFileExists(path: string, options: RequestOptions = {}): Promise<boolean> {
    return (await absentAsNull(this.http.bytes('HEAD', paths.files(path), options))) !== null;
  }

  /** Writes a file of a volume, replacing one that is there; the service makes its folders. */
  async uploadToVolume(path: string, body: UploadBody, options: RequestOptions = {}): Promise<void> {
    await this.http.request('PUT', paths.files(path), { query: { overwrite: true }, body, ...options });
  }

  /** The bytes of a file of a volume. */
  async downloadFromVolume(path: string, options: RequestOptions = {}): Promise<Buffer> {
    return this.http.bytes('GET', paths.files(path), options);
  }
}

async function absentAsNull<T>(request: Promise<T>): Promise<T | null> {
  try {
    return await request;
  } catch (error) {
    if (error instanceof ApiError && error.status === 404) return null;
    throw error;
  }
}
