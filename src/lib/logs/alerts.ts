/** Words that mean a training job is dying or dead, by what they speak of. */
const fatalPatterns: readonly RegExp[] = [
  // Memory.
  /CUDA out of memory/i,
  /Out of memory: Kill(ed)? process/i,
  /^\s*Killed\s*$/,
  /composer.*OutOfMemory/i,
  // Signals.
  /signal\s+(9|SIGKILL|SIGTERM)/i,
  /segmentation fault/i,
  // NCCL.
  /Watchdog caught collective operation timeout/,
  /NCCL WARN .*(Conn|Net|IB|timeout|unhandled)/i,
  /Got async error event/,
  /transport\/net_ib\.cc:\d+.*WARN/,
  // CUDA.
  /CUDA(?: runtime)? error/i,
  /an illegal memory access was encountered/i,
  /CUDA kernel errors might be asynchronously reported/,
  /Xid.*\b(48|63|64|79|94|95)\b/,
  // Frameworks. A store that timed out is meant, not any sentence with both words.
  /composer\.utils\..*Error/,
  /torch\.distributed\..*(Error|Exception)/,
  /\b(TCP|File|Hash|Prefix)?Store\b.{0,80}\btimed?[ -]?out/i,
  /streaming\.base\..*(Error|Exception)/,
  /\[MLflow Logger\]\[Warning\] No new logs have been emitted/,
  // The launcher.
  /ERROR: Script failed with exit code [1-9]\d* after \d+s/,
  /command not found/i,
];

/** One look before the long list: a line without any of these can match none of the patterns. */
const anyFatalWord =
  /memory|killed|signal|segmentation|watchdog|nccl|async error|net_ib|cuda|xid|composer|torch\.distributed|store|streaming\.base|mlflow logger|script failed|command not found/i;

const longestLooked = 16_384;

/** Whether a line says that something fatal happened to the run. Of a very long line only the beginning is read. */
export function isFatalLine(line: string): boolean {
  const text = line.length > longestLooked ? line.slice(0, longestLooked) : line;
  return anyFatalWord.test(text) && fatalPatterns.some((pattern) => pattern.test(text));
}
