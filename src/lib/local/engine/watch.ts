import { isOfEarlierBoot, isSameProcess, processIdentity, processIdOf } from '../../process-identity.js';
import { markerVariable, type AttemptFolder, type JournalEvent } from '../supervisor/folder.js';
import { stopFamily } from '../supervisor/family.js';
import { JournalReader } from '../supervisor/journal.js';

const lookMilliseconds = 30;
/** Between two looks at whether the supervisor lives. */
const livenessMilliseconds = 1000;
/** A supervisor has this long to claim its attempt. */
const claimMilliseconds = 15_000;

/**
 * Follows an attempt by its files alone, so that it makes no difference which server started it. Every event
 * is handed over once per watch; one is always the end, made up if the supervisor left none.
 */
export class AttemptWatch {
  private readonly journal: JournalReader;
  private readonly timer: NodeJS.Timeout;
  private readonly since = Date.now();
  private lastLiveness = 0;
  private closed = false;
  /** The first process of each node. */
  private readonly processes: string[] = [];

  constructor(
    private readonly folder: AttemptFolder,
    private readonly handle: (event: JournalEvent) => void,
  ) {
    this.journal = new JournalReader(folder.journal);
    this.timer = setInterval(() => this.look(), lookMilliseconds);
  }

  close(): void {
    this.closed = true;
    clearInterval(this.timer);
  }

  private look(): void {
    this.readJournal();
    const now = Date.now();
    if (this.closed || Math.abs(now - this.lastLiveness) < livenessMilliseconds) return;
    this.lastLiveness = now;
    const supervisor = this.folder.supervisor();
    if (supervisor === undefined) {
      if (now - this.since > claimMilliseconds) this.lost('The supervisor of the run did not start.');
    } else if (!isSameProcess(supervisor)) {
      // It may have written its end just before it went.
      this.readJournal();
      if (this.closed) return;
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
      if (event.type === 'end') this.close();
      this.handle(event);
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
    this.close();
    const { marker } = this.folder.readSpec();
    void stopFamily(this.ownSessions(), `${markerVariable}=${marker}/`).then(() =>
      this.handle({ type: 'end', at: Date.now(), result: 'error', message }),
    );
  }
}
