import { LogReader, type StoredLine } from '../supervisor/log-reader.js';

export interface LogTail {
  lines: string[];
  /** Where to read on. */
  position: number;
  /** Lines before these were left out. */
  skipped: boolean;
}

/**
 * The last lines of a node's log; with a position, those that came after it. When more came than `limit`, only
 * the last ones are given, so that a reader never falls behind its log.
 */
export function readTail(file: string, limit: number, position?: number): LogTail {
  const reader = new LogReader(file);
  try {
    const { size } = reader;
    const from = position !== undefined && position <= size ? position : 0;
    const lines: StoredLine[] = [];
    for (const line of reader.backward(size)) {
      if (line.offset < from || lines.length === limit) break;
      lines.push(line);
    }
    const first = lines.at(-1);
    return {
      lines: lines.reverse().map((line) => shown(line.body)),
      position: lines.at(-1)?.end ?? from,
      skipped: first !== undefined && first.offset > from,
    };
  } finally {
    reader.close();
  }
}

/** Longer lines are cut: nobody reads on, and a page has to hold thousands of them. */
const longestShown = 4000;

function shown(body: Buffer): string {
  if (body.length <= longestShown) return body.toString();
  return `${body.toString('utf8', 0, longestShown)} ... (${body.length} bytes)`;
}
