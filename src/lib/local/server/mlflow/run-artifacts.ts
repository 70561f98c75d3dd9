import {
  artifactParts,
  type ArtifactContent,
  type ArtifactEntry,
  type Artifacts,
} from '../../store/artifacts.js';
import type { LogChunk, LoggedAttempt, RunLogs } from '../../engine/run-logs.js';

/**
 * The artifacts of runs: what clients uploaded, and the run's own logs at the platform's place,
 * `logs/attempt_<a>/node_<n>/logs-<i>.chunk.txt`, which are not kept twice.
 * Paths are those of artifact addresses: `<experiment>/<run>/artifacts/...`.
 */
export class RunArtifacts {
  constructor(
    private readonly files: Artifacts,
    private readonly logs: RunLogs,
  ) {}

  async list(path: string): Promise<ArtifactEntry[]> {
    const entries = new Map<string, ArtifactEntry>();
    for (const entry of this.logEntries(path)) entries.set(entry.name, entry);
    for (const entry of await this.files.list(path))
      if (!entries.has(entry.name)) entries.set(entry.name, entry);
    return [...entries.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  async open(path: string): Promise<ArtifactContent | undefined> {
    const chunk = this.logChunk(path);
    if (!chunk) return this.files.open(path);
    return { stream: () => chunk.read() };
  }

  write(path: string, content: Parameters<Artifacts['write']>[1]): Promise<void> {
    return this.files.write(path, content);
  }

  remove(path: string): Promise<void> {
    return this.files.remove(path);
  }

  /** What the log side adds to a listing: one level of logs / attempt / node / chunks. */
  private logEntries(path: string): ArtifactEntry[] {
    const place = placeOf(path);
    const logged = place && this.logs.find(place.runId);
    if (!place || !logged) return [];
    const folder = (name: string) => ({ name, isDirectory: true });
    const [logs, attempt, node, ...rest] = place.parts;
    if (logs === undefined) return [folder('logs')];
    if (logs !== 'logs' || rest.length > 0) return [];
    if (attempt === undefined) return [folder(`attempt_${logged.attempt}`)];
    if (attempt !== `attempt_${logged.attempt}`) return [];
    if (node === undefined)
      return Array.from({ length: logged.nodes }, (_, index) => folder(`node_${index}`));
    return chunksOf(logged, node).map((_, index) => ({
      name: `logs-${index}.chunk.txt`,
      isDirectory: false,
    }));
  }

  private logChunk(path: string): LogChunk | undefined {
    const place = placeOf(path);
    if (place?.parts[0] !== 'logs' || place.parts.length !== 4) return undefined;
    const logged = this.logs.find(place.runId);
    const [, attempt, node, file] = place.parts;
    const index = /^logs-(\d+)\.chunk\.txt$/.exec(file ?? '')?.[1];
    if (!logged || index === undefined || attempt !== `attempt_${logged.attempt}`) return undefined;
    return chunksOf(logged, node ?? '')[Number(index)];
  }
}

function placeOf(path: string): { runId: string; parts: string[] } | undefined {
  const [, runId, artifacts, ...parts] = artifactParts(path);
  return runId !== undefined && artifacts === 'artifacts' ? { runId, parts } : undefined;
}

function chunksOf(logged: LoggedAttempt, name: string): LogChunk[] {
  const node = /^node_(\d+)$/.exec(name)?.[1];
  return node !== undefined && Number(node) < logged.nodes ? logged.chunks(Number(node)) : [];
}
