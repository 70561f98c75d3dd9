import { AirError } from '../errors.js';
import type { Clock } from '../io.js';
import type { DetailsReading, RunReader } from './details.js';

const pause = 2000;
/** Failures in a row that a watch outlives; each was already tried again by the client. */
const toleratedFailures = 20;

/**
 * Reads a run again and again until it is over; the last reading is that of the end. A failure that may pass is
 * handed to `onTrouble` and outlived.
 */
export async function* readUntilOver(
  reader: RunReader,
  { clock, signal, onTrouble }: { clock: Clock; signal: AbortSignal; onTrouble: (error: AirError) => void },
): AsyncGenerator<DetailsReading, void, void> {
  let failures = 0;
  for (let isFirst = true; ; isFirst = false) {
    if (!isFirst) await clock.sleep(pause, signal);
    try {
      const reading = await reader.read();
      signal.throwIfAborted();
      failures = 0;
      yield reading;
      if (reading.over) return;
    } catch (error) {
      signal.throwIfAborted();
      const mayPass = error instanceof AirError && error.retryable && !isFirst;
      if (!mayPass || ++failures > toleratedFailures) throw error;
      onTrouble(error);
    }
  }
}
