import type { Clock } from '../io.js';
import { isOver, isWaitingForCompute } from '../runs/status.js';
import { waitingMessage } from '../runs/waiting.js';
import type { Run, Workspace } from '../workspace/index.js';

/** Milliseconds. */
const askInterval = 3000;

/** Why a run shows no lines yet: asked for beside the stream, which never waits for the answer. */
export class WaitingReason {
  private asking = false;
  private text: string | undefined;
  private nextAsk = 0;

  constructor(
    private readonly workspace: Workspace,
    private readonly clock: Clock,
    /** Milliseconds. */
    private readonly timeout: number | undefined,
  ) {}

  ask(run: Run): void {
    const now = this.clock.now();
    if (this.asking || now < this.nextAsk) return;
    this.nextAsk = now + askInterval;
    this.asking = true;
    void waitingMessage(this.workspace, run, this.timeout).then((text) => {
      this.text = text;
      this.asking = false;
    });
  }

  /** What has come since the last call. */
  take(): string | undefined {
    const { text } = this;
    this.text = undefined;
    return text;
  }
}

/** Why there are none, when nothing more is waited for. */
export function noLinesText(runId: string, run: Run): string {
  const said = run.state?.state_message?.trim();
  const state = run.state?.result_state ?? run.state?.life_cycle_state ?? 'UNKNOWN';
  const reason = said ? `: ${said}` : '.';
  if (isOver(run)) return `Run ${runId} has no logs. It ended as ${state}${reason}`;
  const waits = isWaitingForCompute(run) ? 'it waits for GPUs' : `its state is ${state}`;
  return `Run ${runId} has no logs yet: ${waits}${reason}`;
}
