import type { Clock, TextOutput } from '../../io.js';
import type { RunDetails } from '../../runs/details.js';
import { timestamp } from '../envelope.js';
import { LiveRegion } from '../terminal/live-region.js';
import type { Style } from '../terminal/style.js';
import { changingPart, runDetailsView, standingPart } from './run-details.js';

/** How the readings of a watched run are shown while it goes on, and what is printed at its end. */
export interface WatchView {
  /** `before` is the reading before this one; undefined for the first. */
  reading(details: RunDetails, before: RunDetails | undefined): void;
  ending(details: RunDetails): (columns: number | undefined) => string;
}

/** At a terminal: the part that changes is painted over in place. */
export function liveView(output: TextOutput, style: Style): WatchView {
  const region = new LiveRegion(output);
  return {
    reading(details, before) {
      if (before === undefined) output.write(standingPart(details, style, output.columns));
      region.paint(changingPart(details, style, output.columns));
    },
    ending: (details) => (columns) => {
      region.erase();
      return changingPart(details, style, columns);
    },
  };
}

/** In a pipe: a line beside it for each change of state, and the whole view at the end. */
export function plainView(note: (line: string) => void, clock: Clock, style: Style): WatchView {
  return {
    reading(details, before) {
      if (details.status !== before?.status) note(`${timestamp(clock.now())} ${details.status}`);
    },
    ending: (details) => (columns) => runDetailsView(details, style, columns),
  };
}

/** For programs: STATUS and RETRY events. */
export function eventView(emit: (event: object) => void, clock: Clock): WatchView {
  return {
    reading(details, before) {
      const ts = timestamp(clock.now());
      if (before !== undefined && details.attempt_number > before.attempt_number) {
        const { attempt_number: retry, max_retries } = details;
        emit({ type: 'RETRY', ts, retry, ...(max_retries < 0 ? {} : { max_retries }) });
      }
      if (details.status === before?.status) return;
      const previous = before === undefined ? {} : { previous_status: before.status };
      emit({ type: 'STATUS', ts, status: details.status, ...previous });
    },
    ending: () => () => '',
  };
}
