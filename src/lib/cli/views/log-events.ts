import type { Clock, TextOutput } from '../../io.js';
import { isFatalLine } from '../../logs/alerts.js';
import type { FollowEvent } from '../../logs/follow.js';
import type { LogLine } from '../../logs/line.js';
import { timestamp } from '../envelope.js';

/** Writes what happens to a run as NDJSON: LOG, ALERT, STATUS, RETRY, ERROR. Words for people are left out. */
export class EventWriter {
  constructor(
    private readonly output: TextOutput,
    private readonly clock: Clock,
  ) {}

  accept(event: FollowEvent): void {
    const ts = timestamp(this.clock.now());
    switch (event.type) {
      case 'lines':
        this.output.write(event.lines.map((line) => logEvents(line, ts)).join(''));
        break;
      case 'status': {
        const previous = event.previous === null ? {} : { previous_status: event.previous };
        this.write({ type: 'STATUS', ts, status: event.status, ...previous });
        break;
      }
      case 'retry': {
        const of = event.of === null ? {} : { max_retries: event.of };
        this.write({ type: 'RETRY', ts, retry: event.retry, ...of });
        break;
      }
      case 'empty':
        this.write({ type: 'ERROR', ts, node: event.node, line: event.text });
        break;
      case 'nodes':
      case 'note':
      case 'waiting':
        break;
    }
  }

  private write(event: object): void {
    this.output.write(`${JSON.stringify(event)}\n`);
  }
}

function logEvents({ node, body, time, attempt }: LogLine, ts: string): string {
  const rest = JSON.stringify({ ts, node, line: body, time_unix_nano: time, attempt }).slice(1);
  const log = `{"type":"LOG",${rest}\n`;
  return isFatalLine(body) ? `{"type":"ALERT",${rest}\n${log}` : log;
}
