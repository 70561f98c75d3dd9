import { existsSync, linkSync, statSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemCode } from '../../errors.js';
import { processIdentity } from '../../process-identity.js';
import { readIfThere, readJsonIfThere, replaceFile } from '../state/durable.js';

/** One node as the supervisor starts it. */
export interface NodeSpec {
  readonly index: number;
  /** The complete environment: nothing is added to it but what the setup makes known. */
  readonly env: Readonly<Record<string, string>>;
  readonly workFolder: string;
}

/** What has to be there before the nodes start. */
export interface SetupSpec {
  /** The code archive, unpacked into each node's `code_source` folder. */
  readonly codeArchive?: string;
  /** Packages for a virtual environment that runs with the same list share. */
  readonly dependencies?: readonly string[];
  readonly environmentsFolder: string;
}

/** Everything a supervisor is told, written once before it starts. */
export interface AttemptSpec {
  /** Stands in the environment of every process of the attempt. */
  readonly marker: string;
  readonly dataDirectory: string;
  readonly commandFile: string;
  /** Seconds from the attempt's start; absent without a limit. */
  readonly timeoutSeconds?: number;
  readonly setup: SetupSpec;
  readonly nodes: readonly NodeSpec[];
}

export type StopReason = 'canceled' | 'timedout' | 'failed' | 'broken';

/** How an attempt came to its end. */
export interface AttemptEnd {
  result: 'success' | 'failed' | 'canceled' | 'timedout' | 'error';
  /** The node that decided, with its exit code as a shell would say it (128 + signal). */
  node?: number;
  exitCode?: number;
  /** What went wrong before or beside the nodes, in words. */
  message?: string;
}

/** One line of the journal. `at` is in milliseconds since the epoch. */
export type JournalEvent = { at: number } & (
  | { type: 'setup' }
  | { type: 'started'; node: number; process: string }
  | { type: 'exited'; node: number; exitCode: number }
  | { type: 'stopping'; reason: StopReason }
  | ({ type: 'end' } & AttemptEnd)
);

export const markerVariable = 'AIR_LOCAL_ATTEMPT';

/** The files by which engine and supervisor of one attempt know each other. */
export class AttemptFolder {
  constructor(readonly path: string) {}

  get journal(): string {
    return join(this.path, 'journal.ndjson');
  }
  get supervisorLog(): string {
    return join(this.path, 'supervisor.log');
  }
  /** Bytes kept in reserve, so that the end can be written down on a full disk. */
  get reserve(): string {
    return join(this.path, 'reserve');
  }
  log(node: number): string {
    return join(this.path, `node_${node}.log`);
  }

  /** Whether somebody removed the folder; a disk that does not answer is no such thing. */
  isGone(): boolean {
    try {
      statSync(this.path);
      return false;
    } catch (error) {
      return systemCode(error) === 'ENOENT';
    }
  }

  /** What its supervisor is told; undefined while nothing has been written down. */
  get spec(): AttemptSpec | undefined {
    return readJsonIfThere(this.specFile);
  }

  writeSpec(spec: AttemptSpec): void {
    replaceFile(this.specFile, JSON.stringify(spec));
  }

  /** The process that supervises the attempt; undefined while none does yet. */
  supervisor(): string | undefined {
    return readIfThere(this.claimFile);
  }

  /** Makes this process the attempt's supervisor; false when it has, or had, another one. */
  claim(): boolean {
    // Linked in one step, so that the file is there with its content or not at all.
    const draft = `${this.claimFile}.${process.pid}`;
    writeFileSync(draft, processIdentity(process.pid) ?? '', { mode: 0o600 });
    try {
      linkSync(draft, this.claimFile);
      return true;
    } catch (error) {
      if (systemCode(error) === 'EEXIST') return false;
      throw error;
    } finally {
      unlinkSync(draft);
    }
  }

  askToStop(): void {
    replaceFile(this.stopFile, '');
  }

  isAskedToStop(): boolean {
    return existsSync(this.stopFile);
  }

  private get specFile(): string {
    return join(this.path, 'spec.json');
  }
  private get claimFile(): string {
    return join(this.path, 'supervisor');
  }
  private get stopFile(): string {
    return join(this.path, 'stop');
  }
}
