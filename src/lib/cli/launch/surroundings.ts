import type { Interfaces } from '@oclif/core';
import type { Context } from '../../io.js';
import type { Warning } from '../envelope.js';
import type { Host } from '../host.js';
import { paragraph } from '../terminal/paragraph.js';

/** What a launch takes from the command that it is part of. */
export interface LaunchSurroundings {
  readonly config: Interfaces.Config;
  readonly host: Host;
  readonly context: Context;
  /** Envelopes and events instead of text. */
  readonly json: boolean;
  readonly warn: (warning: Warning) => void;
}

/** A line for people on stderr, in text and JSON mode; on a terminal wrapped, a list's point below its beginning. */
export function note({ io: { stderr } }: Host, line: string): void {
  const [bullet = ''] = /^ *- /.exec(line) ?? [];
  const { length } = bullet;
  stderr.write(bullet + paragraph(line.slice(length), ' '.repeat(length), stderr.columns).slice(length));
}
