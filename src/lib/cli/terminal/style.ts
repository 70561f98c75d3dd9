import type { TextOutput } from '../../io.js';

export type Colour = 'red' | 'green' | 'amber' | 'blue' | 'magenta' | 'cyan' | 'dim' | 'bold';

const codes: Readonly<Record<Colour, readonly [open: number, close: number]>> = {
  red: [31, 39],
  green: [32, 39],
  amber: [33, 39],
  blue: [34, 39],
  magenta: [35, 39],
  cyan: [36, 39],
  dim: [2, 22],
  bold: [1, 22],
};

/** How text may be dressed on one output: with colour and links, or not at all. */
export interface Style {
  readonly colour: boolean;
  paint(text: string, colour: Colour): string;
  /** An OSC 8 link where the terminal takes one, else the text alone. */
  link(text: string, url: string | null): string;
}

export const plainStyle: Style = { colour: false, paint: (text) => text, link: (text) => text };

const richStyle: Style = {
  colour: true,
  paint(text, colour) {
    const [open, close] = codes[colour];
    return `\u001B[${open}m${text}\u001B[${close}m`;
  },
  link: (text, url) =>
    url === null ? text : `\u001B]8;;${url}\u001B\\\u001B[4m${text}\u001B[24m\u001B]8;;\u001B\\`,
};

/** `NO_COLOR` and `TERM=dumb` forbid colour, `FORCE_COLOR` demands it, else a terminal decides. */
export function styleOf(output: TextOutput, env: NodeJS.ProcessEnv): Style {
  if (env['NO_COLOR']) return plainStyle;
  if (env['FORCE_COLOR'] !== undefined) return env['FORCE_COLOR'] === '0' ? plainStyle : richStyle;
  if (env['TERM'] === 'dumb') return plainStyle;
  return output.isTTY ? richStyle : plainStyle;
}
