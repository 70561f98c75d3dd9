/**
 * A node's log on disk. The log file holds records one after another: body length (u32), time in nanoseconds
 * (u64), body: the bytes of one line without its line end; all numbers little-endian. Beside it lies an index
 * of fixed-size entries, one for about every 64 KiB of log: offset (u64) and time (u64) of a record. With it
 * the end of the log, or a moment in it, is found without reading the rest.
 * A crash may leave half a record at the end, or an index entry beyond it: readers stop before either.
 */
export const recordHeader = 12;
export const indexEntry = 16;
export const indexSpacing = 64 * 1024;
/** A longer line is cut into several records. */
export const longestLine = 4 * 1024 * 1024;

export function indexOf(logFile: string): string {
  return `${logFile}.index`;
}
