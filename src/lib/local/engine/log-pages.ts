import type { LogPage, LogRecord } from '../../workspace/contract/index.js';
import type { AttemptFolder } from '../supervisor/folder.js';
import { LogReader, type StoredLine } from '../supervisor/log-reader.js';
import { readOpenLine, type OpenLine } from '../supervisor/open-line.js';
import { invalid } from './errors.js';

export interface LogPageQuery {
  ascending: boolean;
  /** Seconds since the epoch, both inclusive. */
  from?: number;
  to?: number;
  pageSize: number;
  pageToken?: string;
}

/** A position in each node's log: behind the last line given, or before it when reading backwards. */
interface Cursor {
  attempt: number;
  ascending: boolean;
  positions: Record<string, number>;
  /** The time of the state of an open line that each node's was given last. */
  open: Record<string, string>;
}

const nanosPerSecond = 1_000_000_000n;
/** Bytes of lines after which a page ends early. */
const fullPage = 4 * 1024 * 1024;

/**
 * One page of the lines of an attempt's nodes, merged by time. A page token continues exactly behind, or
 * before, the last line. While the attempt goes on, a page that is not empty always has a token: asked with
 * it, the server answers as soon as there is a further line. At the end of such a page stands what the nodes
 * show of lines they have not ended: a carriage return and the state, as a screen would draw it over the last.
 */
export function readLogPage(
  folder: AttemptFolder,
  attempt: number,
  nodes: readonly number[],
  active: boolean,
  query: LogPageQuery,
): LogPage {
  const cursor =
    query.pageToken === undefined ? undefined : parseToken(query.pageToken, attempt, query.ascending);
  const tracks = nodes.map((node) => new Track(folder, node, query, cursor?.positions[node]));
  try {
    const records: LogRecord[] = [];
    let bytes = 0;
    let more = false;
    for (;;) {
      const next = foremost(tracks, query.ascending);
      if (!next) break;
      if (records.length >= query.pageSize || bytes >= fullPage) {
        more = true;
        break;
      }
      const line = next.take();
      bytes += line.body.length;
      records.push({
        time_unix_nano: line.time.toString(),
        body: line.body.toString('utf8'),
        node_index: next.node,
        record_id: `${attempt}.${next.node}.${line.offset}`,
      });
    }
    const open = { ...cursor?.open };
    if (!more && active && query.ascending && query.to === undefined) {
      for (const { node, openLine } of tracks) {
        if (!openLine || open[node] === String(openLine.time)) continue;
        open[node] = String(openLine.time);
        records.push(openRecord(attempt, node, openLine));
      }
    }
    const goesOn = more || (query.ascending && active && records.length > 0);
    if (!goesOn) return { log_records: records };
    const positions = Object.fromEntries(tracks.map((track) => [track.node, track.position]));
    return {
      log_records: records,
      next_page_token: formToken({ attempt, ascending: query.ascending, positions, open }),
    };
  } finally {
    for (const track of tracks) track.close();
  }
}

function openRecord(attempt: number, node: number, { offset, time, state }: OpenLine): LogRecord {
  return {
    time_unix_nano: time.toString(),
    body: `\r${state}`,
    node_index: node,
    record_id: `${attempt}.${node}.${offset}~${time}`,
  };
}

/** Changes whenever a line comes, or a line that has not ended looks different. */
export function logMark(folder: AttemptFolder, nodes: readonly number[]): string {
  const marks = nodes.map((node) => {
    const file = folder.log(node);
    const reader = new LogReader(file);
    const { size } = reader;
    reader.close();
    return `${size}:${readOpenLine(file, size)?.time ?? ''}`;
  });
  return marks.join();
}

/** One node's log, read in one direction. */
class Track {
  position: number;
  private readonly reader: LogReader;
  private readonly lines: Iterator<StoredLine>;
  private waiting: StoredLine | undefined;
  private readonly file: string;

  constructor(
    folder: AttemptFolder,
    readonly node: number,
    private readonly query: LogPageQuery,
    position: number | undefined,
  ) {
    this.file = folder.log(node);
    this.reader = new LogReader(this.file);
    if (query.ascending) {
      this.position = position ?? (query.from === undefined ? 0 : this.reader.seek(nanos(query.from)));
      this.lines = this.reader.forward(this.position);
    } else {
      this.position =
        position ?? (query.to === undefined ? this.reader.size : this.reader.seekBehind(nanos(query.to)));
      this.lines = this.reader.backward(this.position);
    }
    this.advance();
  }

  /** The next line of the log within the window; undefined at its end. */
  get head(): StoredLine | undefined {
    return this.waiting;
  }

  /** What the node shows of a line that it has not ended. */
  get openLine(): OpenLine | undefined {
    return readOpenLine(this.file, this.reader.size);
  }

  take(): StoredLine {
    const line = this.waiting;
    if (!line) throw new Error('There is no line to take.');
    this.position = this.query.ascending ? line.end : line.offset;
    this.advance();
    return line;
  }

  close(): void {
    this.reader.close();
  }

  private advance(): void {
    const { from, to, ascending } = this.query;
    this.waiting = undefined;
    for (;;) {
      const step = this.lines.next();
      if (step.done) return;
      const line = step.value;
      const early = from !== undefined && line.time < nanos(from);
      const late = to !== undefined && line.time > nanos(to);
      if (!early && !late) {
        this.waiting = line;
        return;
      }
      if (ascending ? late : early) return;
    }
  }
}

/** The track whose next line comes first. */
function foremost(tracks: readonly Track[], ascending: boolean): Track | undefined {
  let best: Track | undefined;
  for (const track of tracks) {
    if (!track.head) continue;
    if (!best?.head || (ascending ? track.head.time < best.head.time : track.head.time > best.head.time)) {
      best = track;
    }
  }
  return best;
}

function nanos(seconds: number): bigint {
  return BigInt(Math.round(seconds)) * nanosPerSecond;
}

function formToken(cursor: Cursor): string {
  return Buffer.from(JSON.stringify(cursor)).toString('base64url');
}

function parseToken(token: string, attempt: number, ascending: boolean): Cursor {
  let cursor: Cursor | undefined;
  try {
    cursor = JSON.parse(Buffer.from(token, 'base64url').toString()) as Cursor;
  } catch {
    cursor = undefined;
  }
  if (cursor?.attempt !== attempt || cursor.ascending !== ascending || typeof cursor.positions !== 'object') {
    throw invalid('page_token does not belong to this request.');
  }
  return cursor;
}
