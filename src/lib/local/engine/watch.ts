import { performance } from 'node:perf_hooks';
import { isOfEarlierBoot, isSameProcess, processIdentity, processIdOf } from '../../process-identity.js';
import { markerVariable, type AttemptFolder, type JournalEvent } from '../supervisor/folder.js';
import { stopFamily } from '../supervisor/family.js';
import { JournalReader } from '../supervisor/journal.js';

const lookMilliseconds = 30;
/** Before an event that could not be handled is tried again. */
const retryMilliseconds = 1000;
/** Between two looks at whether the supervisor lives. */
const livenessMilliseconds = 1000;
/** A supervisor has this long to claim its attempt. */
const claimMilliseconds = 15_000;

/**
 * Follows an attempt by its files alone, so that it makes no difference which server started it. Every event
 * is handed over until it has been handled without an error; the last one is the end, made up if the supervisor
 * left none.
 */
export class AttemptWatch {
  private readonly journal: JournalReader;
  private timer: NodeJS.Timeout;
  private readonly since = performance.now();
  private lastLiveness = 0;
  /** Events that are still to be handled, in their order. */
  private readonly pending: JournalEvent[] = [];
  private retryAt = 0;
  private closed = false;
  /** The first process of each node. */
  private readonly processes: string[] = [];

  constructor(
    private readonly folder: AttemptFolder,
    private readonly handle: (event: JournalEvent) => void,
    private readonly report: (error: unknown) => void,
  ) {
    this.journal = new JournalReader(folder.journal);
    this.timer = setInterval(() => this.look(), lookMilliseconds);
  }

  close(): void {
    this.closed = true;
    clearInterval(this.timer);
  }

  private look(): void {
    const now = performance.now();
    this.readJournal();
    this.deliver(now);
    if (this.closed || this.pending.length > 0 || now - this.lastLiveness < livenessMilliseconds) return;
    this.lastLiveness = now;
    if (this.folder.isGone()) {
      this.lost('The folder of the run was removed while it was going.');
      return;
    }
    const supervisor = this.folder.supervisor();
    if (supervisor === undefined) {
      if (now - this.since > claimMilliseconds) this.lost('The supervisor of the run did not start.');
    } else if (!isSameProcess(supervisor)) {
      // It may have written its end just before it went.
      this.readJournal();
      if (this.pending.some((event) => event.type === 'end')) return;
      this.lost(
        isOfEarlierBoot(supervisor)
          ? 'The machine was restarted while the run was going.'
          : 'The supervisor of the run ended unexpectedly, so the outcome of its nodes is not known.',
      );
    }
  }

  private readJournal(): void {
    for (const event of this.journal.next()) {
      if (event.type === 'started') this.processes.push(event.process);
      this.pending.push(event);
    }
  }

  /** Hands over what waits. A full disk or a locked database only puts it off. */
  private deliver(now: number): void {
    if (now < this.retryAt) return;
    try {
      for (let event = this.pending[0]; event && !this.closed; event = this.pending[0]) {
        this.handle(event);
        this.pending.shift();
        if (event.type === 'end') this.close();
      }
    } catch (error) {
      this.report(error);
      this.retryAt = performance.now() + retryMilliseconds;
    }
  }

  /** The sessions of the nodes, less those whose number another process has by now. */
  private ownSessions(): number[] {
    return this.processes
      .filter((known) => {
        const now = processIdentity(processIdOf(known));
        return now === known || (now === null && !isOfEarlierBoot(known));
      })
      .map(processIdOf);
  }

  /** Nobody looks after the attempt any more: what is left of it is stopped, then it is over. */
  private lost(message: string): void {
    clearInterval(this.timer);
    void this.stopRest().then(() => {
      this.pending.push({ type: 'end', at: Date.now(), result: 'error', message });
      if (!this.closed) this.timer = setInterval(() => this.deliver(performance.now()), lookMilliseconds);
    });
  }

  /** Without its spec the processes cannot be told: a supervisor whose folder is gone stops them itself. */
  private async stopRest(): Promise<void> {
    const { spec } = this.folder;
    if (spec) await stopFamily(this.ownSessions(), `${markerVariable}=${spec.marker}/`);
  }
}
