import type { IO } from '../../io.js';
import type { FollowEvent } from '../../logs/follow.js';
import { LogPrinter } from './log-printer.js';
import { LogSpinner } from '../terminal/log-spinner.js';
import { styleOf } from '../terminal/style.js';
import { printable } from '../terminal/printable.js';

/** Shows what happens to a run as text: lines on stdout, everything about them on stderr. */
export class LogScreen {
  private readonly printer: LogPrinter;
  private readonly spinner: LogSpinner;

  constructor(
    private readonly io: IO,
    env: NodeJS.ProcessEnv,
  ) {
    this.printer = new LogPrinter({ output: io.stdout, style: styleOf(io.stdout, env) });
    this.spinner = new LogSpinner(io.stderr);
  }

  accept(event: FollowEvent): void {
    switch (event.type) {
      case 'nodes':
        this.printer.nodeCount = event.count;
        break;
      case 'waiting':
        this.spinner.show(event.text);
        break;
      case 'lines':
        this.spinner.clear();
        this.printer.print(event.lines);
        break;
      case 'note':
        this.say(event.text);
        break;
      case 'retry':
        this.say(`Retrying (${event.retry}${event.of === null ? '' : ` of ${event.of}`})...`);
        break;
      case 'empty':
        this.say(event.text);
        break;
      case 'status':
        break;
    }
  }

  /** Prints what is held back and leaves the terminal clean. */
  close(): void {
    this.spinner.clear();
    this.printer.finish();
  }

  private say(text: string): void {
    this.spinner.clear();
    this.printer.breakLine();
    this.io.stderr.write(`${printable(text)}\n`);
  }
}
