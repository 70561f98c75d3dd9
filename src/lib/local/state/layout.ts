import { join } from 'node:path';

/** Where everything of one local workspace lies, below `<data directory>/local`. */
export class Layout {
  readonly root: string;

  constructor(dataDirectory: string) {
    this.root = join(dataDirectory, 'local');
  }

  get serverState(): string {
    return join(this.root, 'server.json');
  }
  get serverLock(): string {
    return join(this.root, 'server.lock');
  }
  get serverLog(): string {
    return join(this.root, 'server.log');
  }
  get database(): string {
    return join(this.root, 'workspace.db');
  }
  get secrets(): string {
    return join(this.root, 'secrets.json');
  }
  get workspaceFiles(): string {
    return join(this.root, 'workspace');
  }
  get volumes(): string {
    return join(this.root, 'volumes');
  }
  get artifacts(): string {
    return join(this.root, 'artifacts');
  }
  get environments(): string {
    return join(this.root, 'environments');
  }
  get runs(): string {
    return join(this.root, 'runs');
  }
  run(runId: string): string {
    return join(this.runs, runId);
  }
  attempt(runId: string, attempt: number): string {
    return join(this.run(runId), `attempt_${attempt}`);
  }
}
