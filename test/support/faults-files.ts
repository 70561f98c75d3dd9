import type { IncomingHttpHeaders } from 'node:http';
import type { Scenario } from './faults-scenario.js';

const linesPerChunk = 40;
const volume = '/Volumes/main/default/rig';

export interface StoredBytes {
  readonly status: 200 | 206 | 404;
  readonly bytes: Buffer;
}

/** The files that a scenario's attempts have stored, as they are at some moment. */
export class StoredFiles {
  constructor(
    private readonly scenario: Scenario,
    private readonly now: () => number,
  ) {}

  /** The MLflow run of an attempt. */
  runOf(attempt: number): string {
    return this.scenario.sharesMlflowRun ? 'shared' : `attempt${attempt}`;
  }

  artifactUri(run: string): string {
    const { store } = this.scenario;
    return store === 'volume'
      ? `dbfs:${volume}/${run}`
      : `dbfs:/databricks/mlflow-tracking/7/${run}/artifacts`;
  }

  /** The answer of `mlflow/artifacts/list`. */
  artifacts(run: string, folder: string): object {
    const files = this.childrenOf(run, folder).map(({ path, size }) => ({
      path,
      is_dir: size === null,
      ...this.sizeOf(size),
    }));
    return { root_uri: this.artifactUri(run), files };
  }

  /** The answer of the Files API to a folder below the volume; null when there is none. */
  directory(path: string): object | null {
    const [run, folder] = splitVolumePath(path);
    const children = this.childrenOf(run, folder);
    if (children.length === 0) return null;
    return {
      contents: children.map(({ path, size }) => ({
        path: `${volume}/${run}/${path}`,
        name: path.slice(folder.length + 1),
        is_directory: size === null,
        ...this.sizeOf(size),
      })),
    };
  }

  volumeFile(path: string, headers: IncomingHttpHeaders): StoredBytes {
    return this.artifact(...splitVolumePath(path), headers);
  }

  artifact(run: string, path: string, headers: IncomingHttpHeaders): StoredBytes {
    const bytes = this.contents(run).get(path);
    if (!bytes) return { status: 404, bytes: Buffer.alloc(0) };
    const from = /^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1];
    if (from === undefined || this.scenario.ignoresRanges) return { status: 200, bytes };
    return { status: 206, bytes: bytes.subarray(Number(from)) };
  }

  private sizeOf(size: number | null): object {
    return size === null || !this.scenario.listsSizes ? {} : { file_size: size };
  }

  private childrenOf(run: string, folder: string): { path: string; size: number | null }[] {
    const children = new Map<string, number | null>();
    for (const [name, { length }] of this.contents(run)) {
      if (!name.startsWith(`${folder}/`)) continue;
      const [first = '', ...rest] = name.slice(folder.length + 1).split('/');
      children.set(`${folder}/${first}`, rest.length > 0 ? null : length);
    }
    return [...children].map(([path, size]) => ({ path, size }));
  }

  /** What one MLflow run holds: path to bytes. A node's file ends at its first line that is not stored yet. */
  private contents(run: string): Map<string, Buffer> {
    const { lines, nodes, maxRetries, layout } = this.scenario;
    const files = new Map<string, Buffer>();
    for (let attempt = 0; attempt <= maxRetries; attempt++) {
      if (this.runOf(attempt) !== run) continue;
      const folder = layout === 'plain' ? 'logs' : `logs/attempt_${attempt}`;
      for (let node = 0; node < nodes; node++) {
        const own = lines.filter((line) => line.attempt === attempt && line.node === node);
        const missing = own.findIndex((line) => line.stored > this.now());
        const stored = missing === -1 ? own : own.slice(0, missing);
        for (let chunk = 0; chunk * linesPerChunk < stored.length; chunk++) {
          const part = stored.slice(chunk * linesPerChunk, (chunk + 1) * linesPerChunk);
          const text = part.map(({ body }) => `${body}\n`).join('');
          files.set(`${folder}/node_${node}/logs-${chunk}.chunk.txt`, Buffer.from(text));
        }
      }
    }
    return files;
  }
}

function splitVolumePath(path: string): [run: string, rest: string] {
  const [, run = '', rest = ''] = /^\/([^/]+)\/(.*)$/.exec(path.slice(volume.length)) ?? [];
  return [run, rest];
}
