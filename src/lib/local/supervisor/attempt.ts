import { rmSync, writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { messageOf, systemCode } from '../../errors.js';
import { processIdentity } from '../../process-identity.js';
import { stopFamily } from './family.js';
import type { AttemptEnd, AttemptFolder, AttemptSpec, JournalEvent, StopReason } from './folder.js';
import { markerVariable } from './folder.js';
import { Journal, type Untimed } from './journal.js';
import { LogWriter } from './log-writer.js';
import { Node } from './node.js';
import { prepare } from './setup.js';

const reserveBytes = 64 * 1024;
const tickMilliseconds = 50;

/** One attempt of a run, from its setup to the end of its last process. */
export class Attempt {
  private readonly journal: Journal;
  private readonly logs: LogWriter[];
  private readonly nodes: Node[] = [];
  private readonly stop = new AbortController();
  private readonly started = performance.now();
  private stopReason: StopReason | undefined;
  private verdict: AttemptEnd | undefined;
  private stopping: Promise<void> | undefined;

  constructor(
    private readonly folder: AttemptFolder,
    private readonly spec: AttemptSpec,
  ) {
    writeFileSync(folder.reserve, Buffer.alloc(reserveBytes, 1), { mode: 0o600 });
    this.journal = new Journal(folder.journal);
    this.logs = spec.nodes.map((node) => new LogWriter(folder.log(node.index)));
  }

  /** Runs it; when this resolves, its end stands in the journal and none of its processes is left. */
  async run(): Promise<void> {
    const clock = setInterval(() => this.tick(), tickMilliseconds);
    let end: AttemptEnd;
    try {
      await this.work();
      end = this.verdict ?? { result: 'success' };
    } catch (error) {
      end = this.stopReason && this.verdict ? this.verdict : { result: 'error', message: faultOf(error) };
      await stopFamily(this.sessions(), this.marker);
    } finally {
      clearInterval(clock);
    }
    for (const log of this.logs) {
      try {
        log.close();
      } catch {
        // The disk is full: what could be written is there.
      }
    }
    rmSync(this.folder.reserve, { force: true });
    this.journal.write({ type: 'end', ...end });
    this.journal.close();
  }

  /** What every process of the attempt has in its environment; {@link markerOf} adds the node. */
  private get marker(): string {
    return `${markerVariable}=${this.spec.marker}/`;
  }

  private markerOf(node: number): string {
    return `${this.marker}${node}/`;
  }

  private async work(): Promise<void> {
    this.journal.write({ type: 'setup' });
    const prepared = await prepare(this.spec, {
      log: (text) => this.logs[0]?.line(text),
      output: (chunk) => this.logs[0]?.write(chunk),
      signal: this.stop.signal,
      marker: { [markerVariable]: `${this.spec.marker}/setup/` },
    });
    if (this.stopReason) return;
    if (prepared.failure !== undefined) {
      this.verdict = { result: 'failed', message: prepared.failure };
      return;
    }
    const ends: Promise<void>[] = [];
    for (const [position, nodeSpec] of this.spec.nodes.entries()) {
      const log = this.logs[position];
      if (!log) continue;
      const env = {
        ...nodeSpec.env,
        ...prepared.envOf(nodeSpec),
        [markerVariable]: `${this.spec.marker}/${nodeSpec.index}/`,
      };
      const node = new Node(nodeSpec, this.spec.commandFile, env, log, (error) => this.fail(error));
      this.nodes.push(node);
      if (node.pid !== undefined) {
        const process = processIdentity(node.pid) ?? `${node.pid}-gone`;
        this.note({ type: 'started', node: nodeSpec.index, process });
      }
      ends.push(this.untilEnd(node));
    }
    await Promise.all(ends);
    await this.stopping;
    await stopFamily(this.sessions(), this.marker);
  }

  /** Follows one node to its end, and what it left running. */
  private async untilEnd(node: Node): Promise<void> {
    const exitCode = await node.exited;
    if (!this.stopReason && exitCode !== 0) {
      this.verdict = { result: 'failed', node: node.spec.index, exitCode };
    }
    this.note({ type: 'exited', node: node.spec.index, exitCode });
    if (exitCode !== 0) this.stopAll('failed');
    if (node.pid !== undefined) await stopFamily([node.pid], this.markerOf(node.spec.index));
    await node.silent;
  }

  private stopAll(reason: StopReason): void {
    if (this.stopReason) return;
    this.stopReason = reason;
    if (reason === 'canceled') this.verdict = { result: 'canceled' };
    if (reason === 'timedout') this.verdict = { result: 'timedout' };
    this.stop.abort();
    this.note({ type: 'stopping', reason });
    this.stopping = stopFamily(this.sessions(), this.marker);
  }

  /** A fault of the machine or of ours, not of the workload. */
  private fail(error: unknown): void {
    if (this.stopReason) return;
    this.verdict = { result: 'error', message: faultOf(error) };
    this.stopAll('broken');
  }

  /** Writes down what the end does not depend on: on a full disk it goes without. */
  private note(event: Untimed<JournalEvent>): void {
    try {
      this.journal.write(event);
    } catch (error) {
      if (event.type !== 'stopping') this.fail(error);
    }
  }

  private tick(): void {
    const limit = this.spec.timeoutSeconds;
    if (this.folder.isAskedToStop()) this.stopAll('canceled');
    else if (this.folder.isGone()) this.stopAll('broken');
    else if (limit !== undefined && performance.now() - this.started > limit * 1000) this.stopAll('timedout');
  }

  private sessions(): number[] {
    return this.nodes.flatMap((node) => (node.pid === undefined ? [] : [node.pid]));
  }
}

function faultOf(error: unknown): string {
  if (systemCode(error) === 'ENOSPC') return 'The disk of this machine is full.';
  return messageOf(error);
}
