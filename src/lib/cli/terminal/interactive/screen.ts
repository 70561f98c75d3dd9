import type { IO } from '../../../io.js';
import { LiveRegion } from '../live-region.js';
import { keysOf, type Key } from './keys.js';

const hideCursor = '\u001B[?25l';
const showCursor = '\u001B[?25h';
const enterAlternate = '\u001B[?1049h\u001B[H';
const leaveAlternate = '\u001B[?1049l';

/**
 * The terminal while it is used key by key: a region that is painted over in place, and a second screen for
 * panes. {@link close} gives the terminal back as it was, whatever happened.
 */
export class Screen {
  private readonly region: LiveRegion;
  private readonly release: (() => void)[] = [];
  private inPane = false;

  constructor(
    private readonly io: IO,
    handlers: { onKey: (key: Key) => void; onResize: () => void },
  ) {
    this.region = new LiveRegion(io.stdout);
    const { stdin, stdout } = io;
    const onData = (data: Buffer | string): void => {
      for (const key of keysOf(data.toString())) handlers.onKey(key);
    };
    const onResize = (): void => {
      // The terminal has moved what was painted to places that cannot be known.
      if (!this.inPane) stdout.write('\u001B[2J\u001B[H');
      this.region.forget();
      handlers.onResize();
    };
    stdin.setRawMode?.(true);
    stdin.on('data', onData);
    stdin.resume();
    const stopResize = stdout.onResize?.(onResize);
    stdout.write(hideCursor);
    this.release.push(() => {
      stopResize?.();
      stdin.off('data', onData);
      stdin.setRawMode?.(false);
      stdin.pause();
      stdout.write(`${this.inPane ? leaveAlternate : ''}${showCursor}`);
    });
  }

  get columns(): number {
    return this.io.stdout.columns ?? 80;
  }

  get rows(): number {
    return this.io.stdout.rows ?? 24;
  }

  /** Paints the region in place of what it held. */
  paintList(lines: readonly string[]): void {
    if (this.inPane) this.io.stdout.write(leaveAlternate);
    this.inPane = false;
    this.region.paint(lines.join('\n'));
  }

  /** Paints the second screen, which leaves the first as it is. */
  paintPane(lines: readonly string[]): void {
    if (!this.inPane) this.io.stdout.write(enterAlternate);
    this.inPane = true;
    this.io.stdout.write(`\u001B[H${lines.map((line) => `${line}\u001B[K`).join('\r\n')}\u001B[J`);
  }

  /** Takes the region away: what another program writes next stands in its place. */
  clearList(): void {
    this.region.erase();
  }

  close(): void {
    for (const each of this.release.splice(0)) each();
  }
}
