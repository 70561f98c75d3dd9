import type { IO } from '../../io.js';
import { KeyReader, type Key } from './keys.js';

const enter = '\u001B[?1049h\u001B[?25l';
const leave = '\u001B[?25h\u001B[?1049l';

export interface ScreenHandlers {
  onKey(key: Key): void;
  onResize(): void;
  /** The terminal takes no more keys: it was closed. */
  onEnd(): void;
}

/**
 * The terminal while it is used key by key: its second screen, so that what stood on the first one is untouched
 * by whatever is painted and however the window changes. {@link close} gives everything back, also after a
 * failure.
 */
export class Screen {
  private readonly release: (() => void)[] = [];
  private isEntered = false;
  private isClosed = false;

  constructor(
    private readonly io: IO,
    handlers: ScreenHandlers,
  ) {
    const { stdin, stdout } = io;
    const keys = new KeyReader((key) => handlers.onKey(key));
    const onData = (data: Buffer | string): void => keys.feed(data);
    const onEnd = (): void => handlers.onEnd();
    stdin.setRawMode?.(true);
    stdin.on('data', onData);
    stdin.on('end', onEnd);
    stdin.resume();
    const stopResize = stdout.onResize?.(() => handlers.onResize());
    this.enter();
    this.release.push(() => {
      keys.close();
      stopResize?.();
      stdin.off('data', onData);
      stdin.off('end', onEnd);
      stdin.setRawMode?.(false);
      stdin.pause();
      this.leave();
    });
  }

  get columns(): number {
    return this.io.stdout.columns ?? 80;
  }

  get rows(): number {
    return this.io.stdout.rows ?? 24;
  }

  /** Replaces the whole screen; lines below its lower edge are left out. Once closed, nothing is painted. */
  paint(lines: readonly string[]): void {
    if (this.isClosed) return;
    this.enter();
    const shown = lines.slice(0, this.rows).map((line) => `\u001B[2K${line}`);
    this.io.stdout.write(`\u001B[H${shown.join('\r\n')}\u001B[0J`);
  }

  /** Gives the first screen to another program; keys still come here. The next paint takes it back. */
  leave(): void {
    if (this.isEntered) this.io.stdout.write(leave);
    this.isEntered = false;
  }

  close(): void {
    for (const each of this.release.splice(0)) each();
    this.isClosed = true;
  }

  private enter(): void {
    if (!this.isEntered) this.io.stdout.write(enter);
    this.isEntered = true;
  }
}
