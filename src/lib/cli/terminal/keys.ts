import { StringDecoder } from 'node:string_decoder';

/** A key as the program sees it: a name, or the character it types. */
export type Key =
  { readonly name: KeyName; readonly text?: undefined } | { readonly name: 'text'; readonly text: string };

export type KeyName =
  | 'up'
  | 'down'
  | 'left'
  | 'right'
  | 'home'
  | 'end'
  | 'pageUp'
  | 'pageDown'
  | 'enter'
  | 'escape'
  | 'backspace'
  | 'interrupt';

/** What terminals send for keys that type nothing, longest first where one begins another. */
const sequences: readonly [string, KeyName][] = [
  ['\u001B[1~', 'home'],
  ['\u001B[4~', 'end'],
  ['\u001B[5~', 'pageUp'],
  ['\u001B[6~', 'pageDown'],
  ...(['[', 'O'] as const).flatMap((kind): [string, KeyName][] => [
    [`\u001B${kind}A`, 'up'],
    [`\u001B${kind}B`, 'down'],
    [`\u001B${kind}C`, 'right'],
    [`\u001B${kind}D`, 'left'],
    [`\u001B${kind}H`, 'home'],
    [`\u001B${kind}F`, 'end'],
  ]),
  ['\r', 'enter'],
  ['\n', 'enter'],
  ['\u007F', 'backspace'],
  ['\b', 'backspace'],
  ['\u0003', 'interrupt'],
];

const unknownSequence = /^\u001B[[O][0-9;?]*[ -/]*[@-~]/;

/** The keys in what a terminal in raw mode sent. Sequences that mean nothing here are passed over. */
export function keysOf(input: string): Key[] {
  const keys: Key[] = [];
  let rest = input;
  while (rest !== '') {
    const known = sequences.find(([sequence]) => rest.startsWith(sequence));
    const unknown = known ? undefined : unknownSequence.exec(rest)?.[0];
    if (known) {
      keys.push({ name: known[1] });
      rest = rest.slice(known[0].length);
    } else if (unknown !== undefined) {
      rest = rest.slice(unknown.length);
    } else if (rest.startsWith('\u001B')) {
      keys.push({ name: 'escape' });
      rest = rest.slice(1);
    } else {
      const text = String.fromCodePoint(rest.codePointAt(0) ?? 0);
      if (text >= ' ') keys.push({ name: 'text', text });
      rest = rest.slice(text.length);
    }
  }
  return keys;
}

/** What may be the beginning of a sequence that a slow line cut in two. */
const cutSequence = /\u001B(?:[[O][0-9;?]*[ -/]*)?$/;
/** Milliseconds after which an escape that nothing followed is the key of that name. */
const patience = 50;

/** Reads keys from chunks as they arrive, wherever the line between terminal and program cuts them. */
export class KeyReader {
  private readonly decoder = new StringDecoder('utf8');
  private held = '';
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly onKey: (key: Key) => void) {}

  feed(data: Buffer | string): void {
    clearTimeout(this.timer);
    const input = this.held + (typeof data === 'string' ? data : this.decoder.write(data));
    this.held = cutSequence.exec(input)?.[0] ?? '';
    this.tell(input.slice(0, input.length - this.held.length));
    if (this.held === '') return;
    this.timer = setTimeout(() => {
      const rest = this.held;
      this.held = '';
      this.tell(rest);
    }, patience);
  }

  /** What is held back is no key any more. */
  close(): void {
    clearTimeout(this.timer);
  }

  private tell(input: string): void {
    for (const key of keysOf(input)) this.onKey(key);
  }
}
